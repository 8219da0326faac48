"""``gateway ledger rerate``: what a period costs at corrected prices, and booking the difference."""

import secrets
import time
from collections import Counter
from pathlib import Path
from typing import Any

import click

from gateway.cli.output import print_json, print_table, resolve_format
from gateway.cli.policy.in_force import policy_of
from gateway.cli.stores import refuse_pruned, reported_errors, store_options, stores_of
from gateway.domain.ids import RANDOM_BYTES
from gateway.domain.money import usd_text
from gateway.pricing.rerate import Correction, Rerated
from gateway.pricing.rerate import rerate as rerated
from gateway.reports.span import Span, days
from gateway.stores.ledger.rerating import adjustments, book, booking, charged


@click.command()
@store_options
@click.option("--from", "first", metavar="DATE", required=True, help="First day, UTC.")
@click.option("--to", "last", metavar="DATE", required=True, help="Last day, included.")
@click.option(
    "--policies",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="Policy with the corrected prices (price, prices, commitments).",
)
@click.option("--apply", "apply", is_flag=True, help="Book the differences; without it they are only shown.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), help="[default: table on a terminal, else json]"
)
def rerate(
    config: str | None, data_dir: str | None, first: str, last: str, policies: Path, apply: bool, form: str | None
) -> None:
    """Re-price a period, and book the differences as adjustments. Nothing in the ledger is edited.

    Each attempt is priced at the time it began, with the usage that the ledger has. The same ledger and prices give the
    same output, byte for byte. Running it twice books once. Attempts that were charged at their hold after a crash are
    not changed.

    \b
    Example:
      gateway ledger rerate --from 2026-11-01 --to 2026-11-30 --policies corrected/ --apply
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    span, snapshot = _span(first, last), policy_of(policies)
    stores = stores_of(config, data_dir)
    with reported_errors():
        refuse_pruned(stores.data, span.from_ns, "calls can be re-priced")
        found = rerated(charged(stores.data, span.from_ns, span.to_ns), snapshot.targets)
        if apply and found.corrections:
            now = time.time_ns()
            corrected = [(one.charged, one.amount) for one in found.corrections]
            with stores.changing(booking("ledger.rerate", span.first, span.last, corrected, snapshot.hash)):
                book(stores.data, adjustments(found.corrections, now), now, secrets.token_bytes(RANDOM_BYTES))
    if resolve_format(form) == "json":
        print_json(_as_json(found, span, snapshot.hash))
        return
    _show(found)
    click.echo("booked" if apply else "nothing was booked; add --apply to book it")


def _span(first: str, last: str) -> Span:
    try:
        return days(first, last, time.time_ns())
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _as_json(found: Rerated, span: Span, policy: str) -> dict[str, Any]:
    return {
        "report": "rerate",
        "from": span.first,
        "to": span.last,
        "policy": policy,
        "attempts": found.looked_at,
        "unknown_targets": list(found.unknown),
        "difference_usd": usd_text(sum(one.amount for one in found.corrections)),
        "by_team": {team: usd_text(amount) for team, amount in sorted(_by_team(found).items())},
        "rows": [_row(one) for one in found.corrections],
    }


def _row(one: Correction) -> dict[str, Any]:
    call = one.charged
    return {
        "adjustment": one.id,
        "attempt": call.attempt,
        "decision": call.decision,
        "team": call.team,
        "target": call.target,
        "before_usd": usd_text(call.cost),
        "after_usd": usd_text(one.cost),
        "difference_usd": usd_text(one.amount),
        "price_before": call.source,
        "price_after": one.source,
        "price_version": one.version,
    }


def _by_team(found: Rerated) -> Counter[str]:
    teams: Counter[str] = Counter()
    for one in found.corrections:
        teams[one.charged.team] += one.amount
    return teams


def _show(found: Rerated) -> None:
    click.echo(f"{found.looked_at:,} attempts, {len(found.corrections):,} have another price")
    rows = [(team, usd_text(amount)) for team, amount in sorted(_by_team(found).items())]
    print_table("", ("team", "difference $"), [*rows, ("all", usd_text(sum(_by_team(found).values())))])
    for target in found.unknown:
        click.echo(f"unchanged: the policy has no target {target}")
