"""``gateway policy backtest``: last week's decisions under another policy, without calling a model."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from gateway.cli.output import print_json, print_table, resolve_format
from gateway.cli.spread import spread
from gateway.cli.stores import Duration, data_dir_of, note_pruned, reported_errors, store_options
from gateway.domain.money import usd_text
from gateway.policy.load.compile import compile_documents
from gateway.policy.load.errors import PolicyErrors
from gateway.policy.replay.backtest import COUNTS, Backtest
from gateway.policy.snapshot import Snapshot
from gateway.pricing.book import PriceBook
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.past import past_decisions
from gateway.stores.policy.files import read_policies

LEAVES: Final = 3
_DAY_S: Final = 86_400
METHOD: Final = (
    "Each stored request is decided again on its stored facts; nothing is called. Labels are those of that time; "
    "health and load are not considered. Costs compare the target of that time with the target of the new policy, for "
    "the tokens that were used, both at the new policy's prices; requests that no target served, and targets that the "
    "new policy does not have, are not included."
)


@click.command()
@store_options
@click.option("--policies", required=True, type=click.Path(exists=True, path_type=Path), help="The new policy.")
@click.option("--since", type=Duration(), default="7d", show_default=True, help="How far back: 1h, 7d.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes.  [default: one a core]")
@click.option("--format", "form", type=click.Choice(["table", "json"]), help="[default: table on a terminal]")
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
    snapshot = _load(policies)
    now = time.time_ns() + 1
    with reported_errors():
        found = Backtest()
        span = (now - since * 1_000_000_000, now)
        data = data_dir_of(config, data_dir)
        note_pruned(data, span[0])
        for part in spread(_look, snapshot, data, span, workers):
            found.plus(part)
    report = _as_json(found, snapshot, since / _DAY_S)
    if resolve_format(form) == "json":
        print_json(report)
    else:
        _print(report)
    if report["total"]["newly_leaving"]:
        raise SystemExit(LEAVES)


def _load(path: Path) -> Snapshot:
    try:
        return compile_documents(read_policies(path), PriceBook.load_bundled())
    except (PolicyErrors, OSError, UnicodeDecodeError) as error:
        click.echo(str(error), err=True)
        raise SystemExit(2) from error


def _look(snapshot: Snapshot, data_dir: DataDir, from_ns: int, to_ns: int) -> Backtest:
    found = Backtest()
    for past in past_decisions(data_dir, from_ns, to_ns):
        found.add(snapshot, past)
    return found


def _as_json(found: Backtest, snapshot: Snapshot, days: float) -> dict[str, Any]:
    def row(teams: Sequence[str]) -> dict[str, Any]:
        then, now = (sum(sums[team] for team in teams) for sums in (found.then_cost, found.now_cost))
        return {
            **{name: sum(found.counts[team][name] for team in teams) for name in COUNTS},
            "priced": sum(found.priced[team] for team in teams),
            "then_usd_a_day": usd_text(int(then / days)),
            "now_usd_a_day": usd_text(int(now / days)),
            "difference_usd_a_day": usd_text(int((now - then) / days)),
        }

    moves = sorted(found.moves.items(), key=lambda item: (-item[1], item[0]))
    return {
        "policy": snapshot.hash,
        "days": days,
        "total": row(sorted(found.counts)),
        "teams": [{"team": team, **row([team])} for team in sorted(found.counts)],
        "moves": [{"team": team, "from": old, "to": new, "requests": count} for (team, old, new), count in moves],
        "not_gathered_then": dict(sorted(found.missing.items())),
        "examples": dict(sorted(found.examples.items())),
        "method": METHOD,
    }


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
