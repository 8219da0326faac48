"""How commands print: text for people at a terminal, JSON for a pipe."""

import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import click
import orjson

BROKEN: Final = 2
"""Exit status: what the command was given cannot be used."""

data_dir_option = click.option(
    "--data-dir",
    type=click.Path(file_okay=False),
    default=None,
    help="Where spool, ledger and keys live.  [default: .gateway/]",
)
config_option = click.option(
    "--config", type=click.Path(dir_okay=False), default=None, help="gateway.yaml; flags and GATEWAY_* win over it."
)

Command = TypeVar("Command", bound=Callable[..., Any])


def format_option(*more: str, default: str | None = None) -> Callable[[Command], Command]:
    """Return the option ``--format``: every command has ``table``, ``text`` (another word for it) and ``json``.

    Args:
        *more: other formats of the command.
        default: what is written if none is asked for; None leaves it to where the output goes.
    """

    def named(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
        return "table" if value == "text" else value

    said = f"{default}" if default else "table on a terminal, else json"
    choice = click.Choice(("table", "text", "json", *more))
    return click.option("--format", "form", type=choice, default=default, callback=named, help=f"[default: {said}]")


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
    from rich.console import Console  # noqa: PLC0415 -- a pipe gets JSON, and needs none of it
    from rich.table import Table  # noqa: PLC0415 -- as above

    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        numeric = column.endswith(("$", "%", "#"))
        table.add_column(column.rstrip("#").strip(), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
