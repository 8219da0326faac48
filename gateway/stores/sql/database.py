"""What the ledger's own SQL needs of a database, so that one text of it runs on SQLite and on PostgreSQL.

Texts use SQL that both understand; four braces stand for what they say differently: ``{db}.`` before a table,
``{elsewhere}`` for the requests that another database answers for, ``{touched}`` for those that the unshipped spool
speaks of, and ``{ids}`` for the ids in the parameter ``ids`` (a JSON list). Parameters are named: ``:name``.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from gateway.domain.errors import LedgerUnavailable

Row = Mapping[str, Any]

ROW_ERRORS: Final = (OverflowError, ValueError, TypeError, KeyError, AttributeError)
"""What a value that is not of its column's type raises before any database sees it."""


class Unstorable(Exception):
    """No table can take this row; no retry helps against that."""


class LedgerUnusable(LedgerUnavailable):
    """A newer gateway wrote this database, or it is not a database: no retry helps."""


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of a database: what its rows and indexes take, and what is free inside of it for new ones."""

    used: int
    free: int


class Database(Protocol):
    """A connection with the ledger's tables."""

    def select(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """Return the rows of a query."""

    def stream(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Iterator[Row]:
        """Yield the rows of a query that may give many."""

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[bool]:
        """Insert rows whose id is not there yet, inside of a transaction; return for each whether it was new.

        Of two rows with one id the first is the new one.

        Args:
            table: one of ours.
            columns: all that the rows have values for; the first is the id.
            rows: values in the order of the columns.

        Raises:
            Unstorable: a value is not of its column's type; nothing of these rows was inserted.
        """

    def add(self, table: str, key: Sequence[str], sums: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Add numbers to the rows of a table of sums, inside of a transaction; a row that is not there is inserted.

        Args:
            table: one of ours.
            key: the columns of its primary key.
            sums: the columns that are added to.
            rows: values of both, in this order; no two with the same key.
        """

    def run(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement once for each row of parameters."""

    def transaction(self) -> AbstractContextManager[None]:
        """Take all that is done inside, or nothing of it.

        Raises:
            LedgerUnavailable: the database cannot be used now.
        """

    def savepoint(self) -> AbstractContextManager[None]:
        """Inside of a transaction: take back what is done inside if it raises."""

    def size(self) -> Size:
        """Return how large the database is; of one in a server the free room inside is not known, and 0."""

    def whole(self) -> "Database":
        """Return the same database answering for every request, also for those ``elsewhere``."""

    def close(self) -> None:
        """Close the connection."""


def addition(table: str, key: Sequence[str], sums: Sequence[str]) -> str:
    """Return what follows the values of an insert that adds to a table of sums."""
    added = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in sums)
    return f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {added}"
