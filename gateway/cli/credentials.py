"""What ``gateway keys`` and ``gateway tokens`` share: lists, and the way a key or token is revoked."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import click

from gateway.cli.output import print_json, resolve_format
from gateway.cli.stores import Stores, reported_errors
from gateway.cli.tables import compact, safe
from gateway.domain.time_text import utc
from gateway.stores.keys.kept import Kept, Kind
from gateway.stores.ledger.actions import Change

NOT_FOUND: Final = 1
_COLOURS: Final = {"active": "green", "expired": "yellow", "revoked": "red"}


def show(keeper: Callable[[], Kept[Kind]], form: str | None, columns: Sequence[str], empty: str) -> None:
    """Print a list; ``columns`` are those of the table before the times, ``empty`` is said when there is none."""
    with reported_errors():
        entries = keeper().list()
    now = time.time()
    rows = [entry.as_json(now) for entry in entries]
    if resolve_format(form) == "json":
        print_json(rows)
        return
    from rich.console import Console  # noqa: PLC0415 -- a pipe gets JSON, and needs none of it

    table = compact(*columns, "created", "expires", "state", whole="id")
    for row in rows:
        cells = [_cell(row[column]) for column in columns]
        cells += [row["created"][:10], (row["expires"] or "never")[:10]]
        table.add_row(*cells, f"[{_COLOURS[row['state']]}]{row['state']}[/]")
    Console().print(table if rows else empty)


def revoke(stores: Stores, keeper: Kept[Kind], kind: str, row_id: str) -> None:
    """Revoke a key or token by its id, with a record; exit with 1 if there is none of this id. Twice is once."""
    now = time.time()
    with reported_errors():
        entry = next((entry for entry in keeper.list() if entry.id == row_id), None)
        if entry is None:
            click.echo(f"there is no {kind} {row_id!r}; see `gateway {kind}s list`", err=True)
            raise SystemExit(NOT_FOUND)
        if entry.revoked_at is None:
            states: list[dict[str, Any]] = [{"revoked": None}, {"revoked": utc(now)}]
            with stores.changing(Change(f"{kind}.revoke", row_id, *states)):
                keeper.revoke(row_id, now=now)
    click.echo(f"revoked {row_id}", err=True)


def filled(row: dict[str, Any], *left_out: str) -> dict[str, Any]:
    """Return what a record says of a new key or token: what is set, but nothing that follows from it."""
    return {name: value for name, value in row.items() if value not in (None, "", []) and name not in left_out}


def _cell(value: Any) -> str:
    return safe(", ".join(value) if isinstance(value, list) else str(value)) or "-"
