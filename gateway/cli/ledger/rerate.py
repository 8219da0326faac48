"""``gateway ledger rerate``: what a period costs at corrected prices, and booking the difference."""

import time
from contextlib import nullcontext
from pathlib import Path

import click

from gateway.cli.output import format_option, print_json, print_table, resolve_format
from gateway.cli.policy.in_force import policy_of
from gateway.cli.stores import alone, refuse_pruned, reported_errors, store_options, stores_of, with_ledger
from gateway.domain.money import usd_text
from gateway.pricing.rerate import Rerated
from gateway.queries.rerate import rerating
from gateway.reports.rerate import as_json, by_team
from gateway.reports.span import Span, days
from gateway.stores.ledger.reader import LedgerReader


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
@format_option()
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
    now = time.time_ns()
    span, policy = _span(first, last, now), policy_of(policies)
    stores = stores_of(config, data_dir)
    with_ledger(stores.data)
    with reported_errors(), alone(stores.data) if apply else nullcontext():
        refuse_pruned(stores.data, span.from_ns, "calls can be re-priced")
        result = rerating(LedgerReader(stores.data), span, policy, now)
        if apply and result.booking is not None:
            stores.book(result.booking, now)
    if resolve_format(form) == "json":
        print_json(as_json(result.found, span, policy.hash))
        return
    _show(result.found)
    click.echo("booked" if apply else "nothing was booked; add --apply to book it")


def _span(first: str, last: str, now_ns: int) -> Span:
    try:
        return days(first, last, now_ns)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _show(found: Rerated) -> None:
    click.echo(f"{found.looked_at:,} attempts, {len(found.corrections):,} have another price")
    rows = [(team, usd_text(amount)) for team, amount in sorted(by_team(found).items())]
    print_table("", ("team", "difference $"), [*rows, ("all", usd_text(sum(by_team(found).values())))])
    for target in found.unknown:
        click.echo(f"unchanged: the policy has no target {target}")
