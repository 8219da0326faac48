"""``gateway sensitivity``: measure the detectors on labelled texts and on the clock, and hash a value for a policy."""

import sys
import time
from pathlib import Path

import click

from gateway.cli.output import format_option, print_json, print_table, resolve_format
from gateway.cli.patterns import use_kept_patterns
from gateway.cli.sensitivity.bench import measurements
from gateway.cli.sensitivity.eval import Deeper, Report, evaluate
from gateway.cli.stores import Duration, ledger_of, reported_errors, store_options
from gateway.deepscan.finder import Finder, is_installed
from gateway.domain.exceptions import salted
from gateway.queries.changes import disputed
from gateway.stores.ledger.reader import LedgerReader


@click.group("sensitivity")
def command() -> None:
    """Measure the detectors, list disputed findings, and prepare values for exceptions."""


@command.command("eval")
@click.option("--data", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True, help="JSON Lines.")
@click.option("--split", type=click.Choice(["all", "tuned", "held-out"]), default="all", show_default=True)
@click.option("--mixed", type=int, default=2000, show_default=True, help="Prompts of the mixed set; 0: none.")
@click.option("--tier2", is_flag=True, help="Also what tiers 1 and 2 find together in the mixed set.")
@format_option(default="table")
def eval_(data: Path, split: str, mixed: int, tier2: bool, form: str) -> None:
    """Compare what is found with what is known: by document, and by span.

    A row is {id, src, text, spans: [[from, to, LABEL]], kind, pos}. The held-out fifth is chosen by the hash of the id.
    """
    use_kept_patterns()
    report = evaluate(data, split, mixed, _tiers() if tier2 else None)
    if form == "json":
        print_json(report.as_json())
        return
    _tables(report)


def _tiers() -> dict[str, Deeper]:
    if not is_installed():
        raise click.UsageError("tier 2 is not installed: pip install 'gateway[credsweeper]'")
    return {"tiers 1+2": Finder().finds, "tiers 1+2 with UUIDs": Finder(uuids=True).finds}


def _tables(report: Report) -> None:
    counts = [
        [name, *(str(number) for number in score.counts), *(f"{value:.3f}" for value in score.rates)]
        for name, score in report.documents.items()
    ]
    print_table("Documents", ["source", "found#", "missed#", "false#", "right#", "P#", "R#", "F1#", "FPR#"], counts)
    spans = [
        [source, label, str(hit), str(total), f"{hit / total:.3f}"]
        for (source, label), (hit, total) in report.spans.items()
    ]
    print_table("Spans", ["source", "label", "found#", "of#", "recall#"], spans)


@command.command("bench")
@format_option(default="table")
@click.option("--quick", is_flag=True, help="Only a few rounds.")
def bench(form: str, quick: bool) -> None:
    """Print CPU milliseconds of a scan by size and kind of text, with generated texts."""
    rows = measurements(quick=quick)
    if form == "json":
        print_json([row.as_json() for row in rows])
        return
    print_table(
        "CPU ms a scan",
        ["text", "size#", "p50#", "p99#", "class"],
        [[row.text, row.size, f"{row.p50:.3f}", f"{row.p99:.3f}", row.data_class] for row in rows],
    )


@command.command("disputes")
@store_options
@click.option("--since", type=Duration(), default="30d", show_default=True, help="How far back: 24h, 7d, 30d.")
@click.option("--team", default="", help="Only those of this team.")
@format_option()
def disputes(config: str | None, data_dir: str | None, since: int, team: str, form: str | None) -> None:
    """List findings that callers dispute, each with the exception that would excuse it.

    A caller disputes with POST /v1/gateway/decisions/ID/dispute.

    \b
    Examples:
      gateway sensitivity disputes --team support
      gateway sensitivity disputes --format json
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    now_ns = time.time_ns()
    data = ledger_of(config, data_dir)
    with reported_errors():
        found = disputed(LedgerReader(data), now_ns - since * 1_000_000_000, now_ns, team)
    if resolve_format(form) == "json":
        print_json(found)
        return
    if not found:
        click.echo("no finding is disputed; check --since and --team")
    for one in found:
        places = ", ".join(f"{place['detector']} in {place['path']}" for place in one["findings"])
        click.echo(f"{one['decision']}  {one['time']}  team {one['team']}, key {one['key']}: {places}")
        click.echo(f"exceptions:\n{one['proposal']}")


@command.command("hash")
@click.option("--salt", required=True, help="Any text without a colon.")
def hash_(salt: str) -> None:
    """Print the salted hash of a value from standard input, as `exceptions:` take it."""
    value = sys.stdin.read().strip()
    if not value or ":" in salt:
        raise click.UsageError("give a value on standard input, and a salt without a colon")
    click.echo(salted(value, salt))
