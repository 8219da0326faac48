"""A table of hashed secrets, API keys or admin tokens, as both databases keep it; and a cache that follows one."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import orjson

from gateway.domain.errors import LedgerUnavailable

Row = Mapping[str, Any]
Stored = TypeVar("Stored")


@dataclass(frozen=True, slots=True)
class Form:
    """What a table holds beside ``id``, ``sha256``, ``created_at``, ``expires_at`` and ``revoked_at``."""

    table: str
    """Its name, and that of the query file that makes it in SQLite."""
    texts: tuple[str, ...]
    listed: str
    """The column that holds a list, as JSON."""

    @property
    def columns(self) -> tuple[str, ...]:
        """All names, in one order."""
        return ("id", *self.texts, self.listed, "sha256", "created_at", "expires_at", "revoked_at")

    @property
    def select(self) -> str:
        """The query of all rows, oldest first."""
        return f"SELECT {', '.join(self.columns)} FROM {self.table} ORDER BY created_at, id"  # noqa: S608 -- names are ours

    def insert(self, mark: str) -> str:
        """Return the statement that adds a row; ``mark`` is the database's sign for a value."""
        marks = ", ".join([mark] * len(self.columns))
        return f"INSERT INTO {self.table} ({', '.join(self.columns)}) VALUES ({marks})"  # noqa: S608 -- names are ours

    def revoke(self, mark: str) -> str:
        """Return the statement that revokes a row, once and for all; its values are the time and the id."""
        return f"UPDATE {self.table} SET revoked_at = coalesce(revoked_at, {mark}) WHERE id = {mark}"  # noqa: S608

    def values(self, row: Row) -> tuple[Any, ...]:
        """Return the values of a row as columns take them; a time that is missing is None."""
        listed = orjson.dumps(sorted(row[self.listed])).decode()
        return tuple([listed if name == self.listed else row.get(name) for name in self.columns])

    def row(self, values: Sequence[Any]) -> Row:
        """Return the row that columns hold; the list comes as a tuple.

        Raises:
            ValueError: the list is none: somebody changed it.
        """
        row = dict(zip(self.columns, values, strict=True))
        found = orjson.loads(row[self.listed])
        if not isinstance(found, list):
            raise ValueError(f"{self.listed} is not a list")  # noqa: TRY004 -- as of any other text that is not one of ours
        return row | {self.listed: tuple(found)}


KEYS = Form("keys", ("team", "name", "owner"), "grants")
TOKENS = Form("tokens", ("name", "role"), "teams")


class Table(Protocol):
    """Makes, lists and revokes; the only writer."""

    def insert(self, row: Row) -> None:
        """Add a row.

        Raises:
            LedgerUnavailable: it cannot be written.
        """

    def rows(self) -> list[Row]:
        """Return all rows, oldest first, revoked ones too; empty if there never was one.

        Raises:
            LedgerUnavailable: they cannot be read.
        """

    def revoke(self, row_id: str, now: float) -> bool:
        """Revoke a row, once and for all; False if there is none of this id. Twice is the same as once.

        Raises:
            LedgerUnavailable: it cannot be written.
        """


class Watch(Protocol):
    """Reads a table that others write, when it changed."""

    def changed(self) -> list[Row] | None:
        """Return all rows if they may have changed since the last call; else None.

        Raises:
            LedgerUnavailable: they cannot be read.
        """

    def close(self) -> None:
        """Close the database."""


class Cached(Generic[Stored]):
    """A table in memory: nothing that looks into it touches the disk. Call :meth:`refresh` every second or so."""

    def __init__(self, watch: Watch, stored: Callable[[Row], Stored]) -> None:
        """Read the table, if there is one yet.

        Raises:
            LedgerUnavailable: it is there and cannot be read.
        """
        self._watch, self._stored = watch, stored
        self._lock = threading.Lock()
        self.held: dict[str, Stored] = {}
        """What is in force, by id."""
        try:
            self._take(watch.changed())
        except LedgerUnavailable:
            watch.close()
            raise

    def refresh(self) -> bool:
        """Read the table again if it changed; return whether it was read. If it cannot be read, old entries stay."""
        with self._lock:
            try:
                return self._take(self._watch.changed())
            except LedgerUnavailable:
                return False

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._watch.close()

    def _take(self, rows: list[Row] | None) -> bool:
        if rows is not None:
            self.held = {row["id"]: self._stored(row) for row in rows}
        return rows is not None
