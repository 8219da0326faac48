"""``gateway report sensitivity``: what labels did to requests, and what enforcing would have done."""

import sys
import time
from typing import Any, Final, get_args

import click

from gateway.cli.output import format_option, print_json, resolve_format
from gateway.cli.stores import Duration, ledger_of, note_pruned, reported_errors, store_options
from gateway.cli.tables import compact, safe
from gateway.queries.sensitivity import sensitivity as query
from gateway.reports.sensitivity import EFFECTS, METHOD, By

_EXAMPLE: Final = "for example"
_WIDE: Final = 160
"""Columns where nobody says how many there are."""


@click.command()
@store_options
@click.option("--since", type=Duration(), default="7d", show_default=True, help="How far back: 24h, 7d, 30d.")
@click.option("--by", type=click.Choice(get_args(By)), default="team", show_default=True, help="What a row is.")
@click.option("--team", default="", help="Only requests of this team.")
@format_option()
def sensitivity(config: str | None, data_dir: str | None, since: int, by: By, team: str, form: str | None) -> None:
    """Show what was masked, moved and refused for what it held, and what enforcing would have done.

    \b
    Examples:
      gateway report sensitivity --by kind
      gateway report sensitivity --by kind --team support --since 30d --format json
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    data = ledger_of(config, data_dir)
    now = time.time_ns() + 1
    from_ns = now - since * 1_000_000_000
    with reported_errors():
        note_pruned(data, from_ns)
        rows = query(data, from_ns, now, by, team)
    if resolve_format(form) == "json":
        print_json({"rows": rows, "method": METHOD})
        return
    if not rows:
        click.echo("nothing was found in any request; check --since and --team")
        return
    from rich.console import Console  # noqa: PLC0415 -- a pipe gets JSON, and needs none of it

    table = compact(
        by, "requests #", *[f"{effect.replace('_', ' ')} #" for effect in EFFECTS], _EXAMPLE, whole=_EXAMPLE
    )
    for row in rows:
        table.add_row(*_cells(row, by))
    Console(width=None if sys.stdout.isatty() else _WIDE, markup=True).print(table)
    click.echo(METHOD)


def _cells(row: dict[str, Any], by: By) -> list[str]:
    """Return the cells of a row; the example is of what weighs most."""
    worst = next(effect for effect in reversed(EFFECTS) if row[effect])
    counts = [f"{row[effect]:,}" for effect in EFFECTS]
    return [safe(row[by]), f"{row['requests']:,}", *counts, row["examples"][worst][0]]
