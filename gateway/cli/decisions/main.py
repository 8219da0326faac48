"""``gateway decisions``: what was decided, why, and whether the same policy would decide so again."""

import difflib
from typing import Final

import click
import orjson

from gateway.cli.output import format_option, print_json, resolve_format
from gateway.cli.report.options import only_of, only_options, span_of, span_options
from gateway.cli.stores import Duration, ledger_of, reported_errors, store_options
from gateway.queries.decisions import decision, decisions, replayed
from gateway.stores.ledger.reader import LedgerReader

DIFFERS: Final = 1
NOT_FOUND: Final = 2
_BACK_S: Final = 3600


@click.group()
def command() -> None:
    """Look decisions up and replay them."""


@command.command("list")
@store_options
@click.option("--since", type=Duration(), help="How far back: 15m, 1h, 7d.  [default: 1h]")
@span_options
@click.option("--day", metavar="DATE", help="One day, UTC.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@only_options
@format_option()
def list_decisions(
    config: str | None,
    data_dir: str | None,
    since: int | None,
    first: str | None,
    last: str | None,
    day: str | None,
    limit: int,
    form: str | None,
    **names: str | None,
) -> None:
    """List decisions, newest first; those that are still running, too.

    \b
    Examples:
      gateway decisions list --since 15m
      gateway decisions list --team legal --since 7d --format json | jq '.[] | select(.zone == "closed")'
      gateway decisions list --target gpt-5 --task code --day 2026-11-22
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    if day is not None and (first or last):
        raise click.UsageError("give either --day or --from and --to")
    whole = first or last or day
    span = span_of(first or day, last or day, since or (None if whole else _BACK_S))
    reader = LedgerReader(ledger_of(config, data_dir))
    with reported_errors():
        rows = decisions(reader, (span.from_ns, span.to_ns), limit, only_of(names))
    if resolve_format(form) == "json":
        print_json(rows)
    else:
        from gateway.cli.decisions.view import print_list  # noqa: PLC0415 -- a pipe gets JSON, and needs none of it

        print_list(rows)


@command.command()
@store_options
@click.argument("decision_id", metavar="ID")
@format_option()
def show(config: str | None, data_dir: str | None, decision_id: str, form: str | None) -> None:
    """Show all there is to one decision: what was known, what was dropped and why, what it cost. Exits 2 if unknown."""
    reader = LedgerReader(ledger_of(config, data_dir))
    with reported_errors():
        found = decision(reader, decision_id, later=True)
    if found is None:
        raise _unknown(decision_id)
    if resolve_format(form) == "json":
        print_json(found)
    else:
        from gateway.cli.decisions.view import print_decision  # noqa: PLC0415 -- as above

        print_decision(found)


@command.command()
@store_options
@click.argument("decision_id", metavar="ID")
@click.option("--verbose", is_flag=True, help="Also print the decision.")
def replay(config: str | None, data_dir: str | None, decision_id: str, *, verbose: bool) -> None:
    """Decide again, by the stored policy on the stored facts, and compare byte for byte.

    \b
    Exit codes:
      0  identical
      1  differs; the difference is shown
      2  no such decision, or its policy is not in the ledger
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    reader = LedgerReader(ledger_of(config, data_dir))
    with reported_errors():
        found = replayed(reader, decision_id)
    if found is None:
        raise _unknown(decision_id)
    if found.again is None:
        click.echo(f"policy {found.policy} is not in this ledger", err=True)
        raise SystemExit(NOT_FOUND)
    if found.again != found.stored:
        click.secho(f"{decision_id} differs under policy {found.policy}:", fg="red")
        click.echo(_difference(found.stored, found.again))
        raise SystemExit(DIFFERS)
    click.secho(f"{decision_id} is identical: {len(found.again)} bytes, policy {found.policy}", fg="green")
    if verbose:
        click.echo(_indented(found.again))


def _difference(stored: bytes, again: bytes) -> str:
    lines = difflib.unified_diff(
        _indented(stored).splitlines(), _indented(again).splitlines(), "stored", "replayed", lineterm="", n=2
    )
    return "\n".join(lines)


def _indented(data: bytes) -> str:
    return orjson.dumps(orjson.loads(data), option=orjson.OPT_INDENT_2).decode()


def _unknown(decision_id: str) -> SystemExit:
    where = "see `gateway decisions list`; `gateway ledger verify` says which days were pruned"
    click.echo(f"there is no decision {decision_id!r}: {where}", err=True)
    return SystemExit(NOT_FOUND)
