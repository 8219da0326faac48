"""``gateway report migration``: what of the calls to vendors our own hardware could take."""

import time
from pathlib import Path
from typing import Any, Final

import click

from gateway.cli.output import print_json, print_table, resolve_format
from gateway.cli.policy.in_force import policy_in_force
from gateway.cli.spread import spread
from gateway.cli.stores import Duration, data_dir_of, note_pruned, reported_errors, store_options
from gateway.cli.tables import safe
from gateway.domain.money import usd_text
from gateway.policy.replay.migration import TOKEN_RATIO, Cell, Migration
from gateway.policy.snapshot import Snapshot
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.past import served_by_vendors
from gateway.stores.ledger.reader import LedgerReader

_MANY: Final = 20_000
"""Calls to vendors from which on it pays to start processes."""
METHOD: Final = (
    "Requests that vendors served, compared with every local target of the policy, whether it is a candidate of their "
    "model or not. A request fits if a local target of known quality for the task is dropped by no hard rule, except "
    "rules about money. Savings "
    "are what was charged minus the local cost of the same request: high at the planned rate and the same tokens, low "
    f"at the fully loaded rate and {TOKEN_RATIO:g} times the tokens (nobody has measured the ratio yet). GPUs are "
    "those of the busiest minute at 20, 40 and 60 % of the planned throughput."
)


@click.command()
@store_options
@click.option("--since", type=Duration(), default="30d", show_default=True, help="How far back: 7d, 30d.")
@click.option(
    "--policies",
    type=click.Path(exists=True, path_type=Path),
    help="The policy with the local targets.  [default: the newest one in the ledger]",
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), help="[default: table on a terminal]")
def migration(config: str | None, data_dir: str | None, since: int, policies: Path | None, form: str | None) -> None:
    """Show spend at vendors by team and task, how much of it local targets could serve, and what prevents the rest.

    \b
    Examples:
      gateway report migration --since 30d
      gateway report migration --policies next/ --format json
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    directory = data_dir_of(config, data_dir)
    now = time.time_ns() + 1
    span = (now - since * 1_000_000_000, now)
    with reported_errors():
        note_pruned(directory, span[0])
        with LedgerReader(directory).view() as view:
            snapshot = policy_in_force(policies, view.newest_policy())
            if snapshot is None:
                raise click.UsageError("the ledger holds no policy yet: name one with --policies")
            calls = sum(row.requests - row.served_local for row in view.cost_rows(*span, "day"))
        found = Migration(snapshot)
        for part in spread(_look, snapshot, directory, span, None if calls > _MANY else 1):
            found.plus(part)
    ordered = sorted(found.cells.items(), key=lambda item: (-item[1].spend, item[0]))
    rows = [_row(found, team, task, cell) for (team, task), cell in ordered]
    if resolve_format(form) == "json":
        print_json({"rows": rows, "method": METHOD})
        return
    head = ["team", "task", "spend $ #", "fits #", "saves $ #", "what holds the rest back"]
    print_table("What could move", head, [_shown(row) for row in rows])
    head = ["team", "task", "p95 context #", "peak tokens/s #", "GPUs at 20/40/60 % #", "targets"]
    print_table("What it would take", head, [_needs(row) for row in rows if row["fits_requests"]])
    click.echo(METHOD)


def _look(snapshot: Snapshot, data_dir: DataDir, from_ns: int, to_ns: int) -> Migration:
    found = Migration(snapshot)
    for past in served_by_vendors(data_dir, from_ns, to_ns):
        found.add(past)
    return found


def _row(found: Migration, team: str, task: str, cell: Cell) -> dict[str, Any]:
    return {
        "team": team,
        "task": task,
        "requests": cell.requests,
        "spend_usd": usd_text(cell.spend),
        "fits_requests": cell.fits,
        "fits_share_of_spend": cell.fits_spend / cell.spend if cell.spend else 0.0,
        "p95_context": cell.p95_context,
        "peak_tokens_per_second": round(sum(cell.peak(name) for name in cell.minutes), 1),
        "targets": sorted(cell.minutes),
        "gpus": {f"{share:.0%}": number for share, number in found.gpus(cell).items()},
        "saving_usd": {"low": usd_text(cell.saving_low), "high": usd_text(cell.saving_high)},
        "blockers": dict(cell.blockers.most_common()),
    }


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
