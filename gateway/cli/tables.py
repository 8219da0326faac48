"""Tables for narrow terminals: no frames, and what one copies is never broken over lines."""

from typing import TYPE_CHECKING

from gateway.reports.costs import printable

if TYPE_CHECKING:
    from rich.table import Table


def compact(*columns: str, whole: str = "") -> "Table":
    """Return a table without frames.

    Args:
        *columns: heads; one that ends in ``#`` or ``$`` is set flush right, without the ``#``.
        whole: the column whose cells are never cut or broken.
    """
    from rich.table import Table  # noqa: PLC0415 -- a pipe gets JSON, and needs none of it

    table = Table(header_style="dim", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        numeric = column.endswith(("#", "$"))
        table.add_column(
            column.removesuffix("#").strip(),
            justify="right" if numeric else "left",
            no_wrap=column == whole or numeric,
            overflow="fold",
        )
    return table


def safe(text: str) -> str:
    """Return text as a cell: markup and control characters are escaped."""
    from rich.markup import escape  # noqa: PLC0415 -- as above

    return escape(printable(text))
