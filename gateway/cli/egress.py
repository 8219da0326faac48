"""``gateway egress``: prove what was sent to vendors, and what was not."""

import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from gateway.cli.output import format_option, print_json, print_table, resolve_format
from gateway.cli.stores import anchor_option, ledger_of, reported_errors, store_options
from gateway.domain.chain import ChainEntry
from gateway.domain.label import DataClass
from gateway.reports.span import Span, days
from gateway.stores.audit.egress_proof import Proof, ProofQuery, prove
from gateway.stores.chain.anchors import read_anchors

LEFT: Final = 1
DOUBT: Final = 3
MOST: Final = 50
_FIRST_DAY: Final = "1970-01-01"


@click.group()
def command() -> None:
    """Show what was sent to vendors, from the egress's own record."""


@command.command(name="prove")
@store_options
@anchor_option
@click.option(
    "--class",
    "word",
    type=click.Choice([each.word for each in DataClass]),
    default="restricted",
    show_default=True,
    help="Was anything of this class, or a higher one, sent?",
)
@click.option("--from", "first", metavar="DATE", help="First day, UTC.  [default: the first in the ledger]")
@click.option("--to", "last", metavar="DATE", help="Last day, included.  [default: today]")
@click.option("--team", default="", help="Only of this team.")
@click.option("--target", default="", help="Only to this target.")
@format_option()
def prove_command(
    *,
    config: str | None,
    data_dir: str | None,
    anchor: Path | None,
    word: str,
    first: str | None,
    last: str | None,
    team: str,
    target: str,
    form: str | None,
) -> None:
    """Check whether anything of a class was sent to a vendor, and whether the evidence is complete.

    A call counts with the higher of two classes: that of its ticket, and what the egress found when it read the body
    again. All chains are checked as `gateway ledger verify` does, for the whole record.

    \b
    Exit codes:
      0  nothing of the class was sent, and the evidence is complete
      1  something of the class was sent
      2  the record cannot be read
      3  nothing is known to have been sent, but the evidence is incomplete
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    span = _span(first, last)
    asked = ProofQuery(DataClass.parse(word), span.from_ns, span.to_ns, team, target)
    with reported_errors():
        data = ledger_of(config, data_dir)
        proof = prove(data, asked, read_anchors(anchor) if anchor else ())
    if resolve_format(form) == "json":
        print_json({"ledger": data.place, **_json(proof, word, span)})
    else:
        _tables(proof, word, data.place)
    if proof.left or proof.pruned:
        raise SystemExit(LEFT)
    if not proof.whole:
        raise SystemExit(DOUBT)


def _span(first: str | None, last: str | None) -> Span:
    try:
        return days(first or _FIRST_DAY, last, time.time_ns())
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _json(proof: Proof, word: str, span: Span) -> dict[str, Any]:
    return {
        "class": word,
        "from": span.first,
        "to": span.last,
        "left": len(proof.left) + proof.pruned,
        "evidence_whole": proof.whole,
        "sent": [asdict(group) for group in proof.groups],
        "sends": [_row(entry) for entry in proof.left],
        "evidence": {
            "chains": proof.chains,
            "entries": proof.entries,
            "first": None if proof.first is None else _time(proof.first),
            "last": None if proof.last is None else _time(proof.last),
            "only_in_files": proof.unreceipted,
            "pruned": proof.pruned,
            "problems": [asdict(one) for one in proof.problems],
            "unknown": [asdict(one) for one in proof.unknown],
        },
    }


def _row(entry: ChainEntry) -> dict[str, Any]:
    return {
        "time": _time(entry.at),
        "team": entry.team,
        "target": entry.target,
        "data_class": entry.data_class,
        "found": entry.found,
        "categories": entry.categories,
        "ticket": entry.ticket,
        "decision": entry.decision,
        "kind": entry.attempt_kind,
        "bytes": entry.size,
        "exceptions": entry.exceptions,
        "observed": entry.observed,
        "entry": f"{entry.instance}:{entry.seq}",
    }


def _tables(proof: Proof, word: str, place: str) -> None:
    from rich.markup import escape  # noqa: PLC0415 -- a pipe gets JSON, and needs none of it

    rows = [
        (one.data_class, escape(one.team), escape(one.target), f"{one.calls:,}", f"{one.size:,}")
        for one in proof.groups
    ]
    print_table("What left", ("class", "team", "target", "calls #", "bytes #"), rows)
    if proof.left:
        shown = [
            (
                *(_time(one.at), escape(one.team), escape(one.target), _label(one), one.ticket, f"{one.size:,}"),
                ", ".join([*one.exceptions, *(["observed"] if one.observed else [])]),
            )
            for one in proof.left[:MOST]
        ]
        columns = ("time", "team", "target", "label", "ticket", "bytes #", "by")
        print_table(f"{word} or above ({len(proof.left):,})", columns, shown)
    if proof.first is None or proof.last is None:
        click.secho(f"ledger {place}: no call to a vendor is on record, so there is nothing to check", fg="yellow")
    else:
        click.echo(f"ledger {place}: calls from {_time(proof.first)} to {_time(proof.last)}")
    click.echo(
        f"evidence: {proof.chains} chains, {proof.entries:,} entries checked, {len(proof.problems)} problems, "
        f"{len(proof.unknown)} calls of the class unknown, {proof.unreceipted} known only from the egress's files"
    )
    for one in proof.problems[:MOST]:
        click.echo(f"  {one.kind}: {one.what}: {one.text}")
    for call in proof.unknown[:MOST]:
        click.echo(f"  unknown: {call.attempt}: {call.data_class} of {call.team} to {call.target} ({call.why})")
    if proof.pruned:
        click.echo(f"{proof.pruned:,} of the class are known from the sums that `ledger prune` kept")
    if proof.left or proof.pruned:
        click.secho(f"{len(proof.left) + proof.pruned:,} calls of class {word} or above were sent", fg="red")
    elif proof.whole:
        click.secho(f"nothing of class {word} or above was sent", fg="green")
    else:
        click.secho(
            f"nothing of class {word} or above is known to have been sent, but the evidence is incomplete", fg="yellow"
        )


def _label(entry: ChainEntry) -> str:
    found = f", found {entry.found}" if entry.found not in {"", entry.data_class} else ""
    return " ".join([entry.data_class + found, *entry.categories])


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1e9, UTC).isoformat(timespec="milliseconds")
