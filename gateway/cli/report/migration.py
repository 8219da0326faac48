"""``gateway report migration``: what of the calls to vendors our own hardware could take."""

import time
from pathlib import Path
from typing import Any, Final

import click

from gateway.cli.output import format_option, print_json, print_table, resolve_format
from gateway.cli.policy.in_force import given_policy
from gateway.cli.spread import spread
from gateway.cli.stores import Duration, ledger_of, note_pruned, reported_errors, store_options
from gateway.cli.tables import safe
from gateway.policy.replay.migration import Migration
from gateway.queries.migration import migration as query
from gateway.queries.migration import task_at_hand
from gateway.reports import migration as report
from gateway.stores.ledger.reader import LedgerReader

_MANY: Final = 20_000
"""Calls to vendors from which on it pays to start processes."""


@click.command()
@store_options
@click.option("--since", type=Duration(), default="30d", show_default=True, help="How far back: 7d, 30d.")
@click.option(
    "--policies",
    type=click.Path(exists=True, path_type=Path),
    help="The policy with the local targets.  [default: the newest one in the ledger]",
)
@format_option()
def migration(config: str | None, data_dir: str | None, since: int, policies: Path | None, form: str | None) -> None:
    """Show spend at vendors by team and task, how much of it local targets could serve, and what prevents the rest.

    \b
    Examples:
      gateway report migration --since 30d
      gateway report migration --policies next/ --format json
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    directory, given = ledger_of(config, data_dir), given_policy(policies)
    now = time.time_ns() + 1
    span = (now - since * 1_000_000_000, now)
    with reported_errors():
        note_pruned(directory, span[0])
        snapshot, calls = task_at_hand(LedgerReader(directory), given, span)
        if snapshot is None:
            raise click.UsageError("the ledger holds no policy yet: name one with --policies")
        found = Migration(snapshot)
        for part in spread(query, snapshot, directory, span, None if calls > _MANY else 1):
            found.plus(part)
    rows = report.rows(found)
    if resolve_format(form) == "json":
        print_json({"rows": rows, "method": report.METHOD})
        return
    head = ["team", "task", "spend $ #", "fits #", "saves $ #", "what holds the rest back"]
    print_table("What could move", head, [_shown(row) for row in rows])
    head = ["team", "task", "p95 context #", "peak tokens/s #", "GPUs at 20/40/60 % #", "targets"]
    print_table("What it would take", head, [_needs(row) for row in rows if row["fits_requests"]])
    click.echo(report.METHOD)


def _shown(row: dict[str, Any]) -> list[str]:
    low, high = (float(row["saving_usd"][name]) for name in ("low", "high"))
    return [
        safe(row["team"]),
        safe(row["task"]),
        f"{float(row['spend_usd']):,.2f}",
        f"{row['fits_share_of_spend']:.0%}",
        f"{low:,.2f} to {high:,.2f}",
        ", ".join(f"{name} {count:,}" for name, count in row["blockers"].items()),
    ]


def _needs(row: dict[str, Any]) -> list[str]:
    return [
        safe(row["team"]),
        safe(row["task"]),
        f"{row['p95_context']:,}",
        f"{row['peak_tokens_per_second']:,.0f}",
        "/".join("-" if number is None else str(number) for number in row["gpus"].values()),
        ", ".join(row["targets"]),
    ]
