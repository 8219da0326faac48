"""``gateway policy backtest``: last week's decisions under another policy, without calling a model."""

import time
from pathlib import Path
from typing import Any, Final

import click

from gateway.cli.output import format_option, print_json, print_table, resolve_format
from gateway.cli.policy.in_force import policy_of
from gateway.cli.spread import spread
from gateway.cli.stores import Duration, ledger_of, note_pruned, reported_errors, store_options
from gateway.policy.replay.backtest import COUNTS, Backtest
from gateway.queries.backtest import backtest as query
from gateway.reports.backtest import as_json

LEAVES: Final = 3
_DAY_S: Final = 86_400


@click.command()
@store_options
@click.option("--policies", required=True, type=click.Path(exists=True, path_type=Path), help="The new policy.")
@click.option("--since", type=Duration(), default="7d", show_default=True, help="How far back: 1h, 7d.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes.  [default: one a core]")
@format_option()
def backtest(
    config: str | None, data_dir: str | None, policies: Path, since: int, workers: int | None, form: str | None
) -> None:
    """Decide past requests again under a new policy, and show what would have been different.

    \b
    Exit codes:
      0  nothing that stayed local would be sent to a vendor
      3  requests that stayed local would be sent to a vendor
      2  the policy or the ledger cannot be read
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    snapshot = policy_of(policies)
    now = time.time_ns() + 1
    with reported_errors():
        found = Backtest()
        span = (now - since * 1_000_000_000, now)
        data = ledger_of(config, data_dir)
        note_pruned(data, span[0])
        for part in spread(query, snapshot, data, span, workers):
            found.plus(part)
    report = as_json(found, snapshot, since / _DAY_S)
    if resolve_format(form) == "json":
        print_json(report)
    else:
        _print(report)
    if report["total"]["newly_leaving"]:
        raise SystemExit(LEAVES)


def _print(report: dict[str, Any]) -> None:
    head = ["team", *(name.replace("_", " ") + " #" for name in COUNTS), "$ a day then #", "now #"]
    rows = [
        [
            row.get("team", "total"),
            *(f"{row[name]:,}" for name in COUNTS),
            _dollars(row["then_usd_a_day"]),
            _dollars(row["now_usd_a_day"]),
        ]
        for row in [*report["teams"], report["total"]]
    ]
    print_table(f"Under policy {report['policy']}, {report['days']:g} days", head, rows)
    moves = [[one["team"], one["from"], one["to"], f"{one['requests']:,}"] for one in report["moves"][:20]]
    print_table("Moves", ["team", "from", "to", "requests #"], moves)
    for name, count in report["not_gathered_then"].items():
        click.secho(f"{count:,} requests have no {name}: rules that look at it saw nothing", fg="yellow")
    for what, ids in report["examples"].items():
        if what != "requests":
            click.echo(f"{what.replace('_', ' ')}: e.g. gateway decisions show {ids[0]}")
    click.echo(report["method"])


def _dollars(text: str) -> str:
    return f"{float(text):,.2f}"
