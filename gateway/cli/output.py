"""How commands print: a table for people at a terminal, JSON for a pipe."""

import sys
from collections.abc import Sequence
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table

data_dir_option = click.option(
    "--data-dir",
    type=click.Path(file_okay=False),
    default=None,
    help="Where spool, ledger and keys live.  [default: .gateway/]",
)
config_option = click.option(
    "--config", type=click.Path(dir_okay=False), default=None, help="gateway.yaml; flags and GATEWAY_* win over it."
)


def resolve_format(asked: str | None) -> str:
    """Return the given format, else ``table`` on a terminal and ``json`` in a pipe."""
    if asked is not None:
        return asked
    return "table" if sys.stdout.isatty() else "json"


def print_json(data: Any) -> None:
    """Print data as indented JSON."""
    click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; columns whose name ends in ``$``, ``%`` or ``#`` are set flush right."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        numeric = column.endswith(("$", "%", "#"))
        table.add_column(column.rstrip("#").strip(), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
