"""``gateway audit``: who changed what."""

import time
from typing import Any

import click

from gateway.cli.output import format_option, print_json, print_table, resolve_format
from gateway.cli.stores import Duration, ledger_of, reported_errors, store_options
from gateway.cli.tables import safe
from gateway.queries.changes import changes
from gateway.stores.ledger.reader import LedgerReader


@click.group()
def command() -> None:
    """Who changed what, on the command line or the admin plane: keys, tokens, booked corrections."""


@command.command("list")
@store_options
@click.option("--since", type=Duration(), default="30d", show_default=True, help="How far back: 24h, 7d, 52w.")
@click.option("--actor", metavar="NAME", default="", help="Only changes by this actor, as the list shows it.")
@click.option("--action", metavar="NAME", default="", help="Only this action, e.g. key.revoke.")
@click.option("--limit", type=click.IntRange(min=1), default=1000, show_default=True, help="At most this many rows.")
@format_option()
def list_actions(
    config: str | None, data_dir: str | None, since: int, actor: str, action: str, limit: int, form: str | None
) -> None:
    """List changes, newest first, with what was there before and after.

    A change is recorded before it is made. If it then fails, a second row ends in .failed.

    \b
    Examples:
      gateway audit list
      gateway audit list --since 7d --action key.revoke --format json
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    since_ns = time.time_ns() - since * 1_000_000_000
    reader = LedgerReader(ledger_of(config, data_dir))
    with reported_errors():
        rows = changes(reader, since_ns, limit, actor=actor, action=action)
    if resolve_format(form) == "json":
        print_json(rows)
        return
    if not rows:
        click.echo("no recorded change matches; check --since, --actor and --action")
        return
    columns = ("time", "actor", "via", "action", "subject", "before", "after")
    print_table("", columns, [[_cell(row[column]) for column in columns] for row in rows])


def _cell(value: Any) -> str:
    """Return a state as ``name: value`` pairs, one a line; all else as it is."""
    if isinstance(value, dict):
        return "\n".join(safe(f"{name}: {_text(inner)}") for name, inner in value.items())
    return safe("-" if value is None else str(value))


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(inner)}" for name, inner in value.items())
    return "-" if value is None else str(value)
