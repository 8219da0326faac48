"""SQLite as the ledger's database, and the one place that turns its errors into ours."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, Final

from gateway.domain.errors import LedgerUnavailable
from gateway.stores.sql.database import ROW_ERRORS, LedgerUnusable, Row, Size, Unstorable, addition

UNAVAILABLE: Final = "the ledger's database cannot be used"
_UNSTORABLE: Final = (
    *(sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError),
    *ROW_ERRORS,
)

_KEEP: Final = " ON CONFLICT DO NOTHING"
_AT_ONCE: Final = (32, 8, 1)
"""How many rows a statement inserts."""
MOST_VALUES: Final = 999
"""Parameters that a statement may have in every build of SQLite."""


class SqliteDatabase:
    """One schema of a connection. May be used from several threads, one call at a time."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        schema: str = "main",
        elsewhere: str = "('')",
        lock: "threading.RLock | None" = None,
    ) -> None:
        """Take a connection whose rows are ``sqlite3.Row``.

        Args:
            connection: may be another database's, too.
            schema: of the tables.
            elsewhere: a set of requests that others answer for.
            lock: of all who use the connection; None: nobody else does.
        """
        self._connection, self._schema = connection, schema
        self._lock = lock or threading.RLock()
        self._inserts: dict[tuple[str, int], str] = {}
        self._braces = {
            "{db}": schema,
            "{elsewhere}": elsewhere,
            "{touched}": "(SELECT id FROM main.touched)",
            "{ids}": "(SELECT value FROM json_each(:ids))",
        }

    def select(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """Return the rows of a query."""
        return list(self.stream(sql, parameters))

    def stream(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Iterator[Row]:
        """Yield the rows of a query that may give many."""
        with self._lock, translated_errors():
            yield from self._connection.execute(self._text(sql), parameters or {})

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[bool]:
        """Insert rows whose id is not there yet, inside of a transaction; return for each whether it was new.

        Raises:
            Unstorable: a value is not of its column's type.
        """
        connection = self._connection
        try:
            connection.execute("SAVEPOINT rows")
            if self._insert(table, columns, _KEEP, rows) == len(rows):
                connection.execute("RELEASE rows")
                return [True] * len(rows)
            # The driver counts them, but does not say which were there already. That is rare: once more, one by one.
            connection.execute("ROLLBACK TO rows")
            connection.execute("RELEASE rows")
            text = self._insertion(table, columns, _KEEP, 1)
            return [connection.execute(text, row).rowcount > 0 for row in rows]
        except _UNSTORABLE as error:
            raise Unstorable(str(error)) from error

    def add(self, table: str, key: Sequence[str], sums: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Add numbers to the rows of a table of sums, inside of a transaction; a row that is not there is inserted."""
        self._insert(table, (*key, *sums), addition(table, key, sums), rows)

    def run(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement once for each row of parameters."""
        self._connection.executemany(self._text(sql), rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Take all that is done inside, or nothing of it.

        Raises:
            LedgerUnavailable: the database cannot be used now.
        """
        with self._lock, translated_errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Inside of a transaction: take back what is done inside if it raises."""
        self._connection.execute("SAVEPOINT batch")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:  # a full disk has ended it, and all that was in it
                self._connection.execute("ROLLBACK TO batch")
                self._connection.execute("RELEASE batch")
            raise
        self._connection.execute("RELEASE batch")

    def size(self) -> Size:
        """Return how large the file is, by what its pages hold."""
        with self._lock, translated_errors():
            each, count, free = [
                self._connection.execute(f"PRAGMA {self._schema}.{name}").fetchone()[0]
                for name in ("page_size", "page_count", "freelist_count")
            ]
        return Size((count - free) * each, free * each)

    def whole(self) -> "SqliteDatabase":
        """Return the same database answering for every request, also for those ``elsewhere``."""
        return SqliteDatabase(self._connection, self._schema, lock=self._lock)

    def attached(self, schema: str, elsewhere: str) -> "SqliteDatabase":
        """Return another schema of the same connection; ``elsewhere``: a set of requests that others answer for."""
        return SqliteDatabase(self._connection, schema, elsewhere, self._lock)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    def _insert(self, table: str, columns: Sequence[str], conflict: str, rows: Sequence[Sequence[Any]]) -> int:
        """Insert rows, many with one statement: that takes half as long. Return how many were inserted or changed."""
        done = changed = 0
        for many in _AT_ONCE:
            upto = done + (len(rows) - done) // many * many
            if upto > done and many * len(columns) <= MOST_VALUES:
                values = [tuple(chain.from_iterable(rows[at : at + many])) for at in range(done, upto, many)]
                changed += self._connection.executemany(
                    self._insertion(table, columns, conflict, many), values
                ).rowcount
                done = upto
        return changed

    def _insertion(self, table: str, columns: Sequence[str], conflict: str, many: int) -> str:
        found = self._inserts.get((table, many))
        if found is None:
            names, marks = ", ".join(columns), ", ".join("?" * len(columns))
            values = ", ".join([f"({marks})"] * many)
            found = f"INSERT INTO {self._schema}.{table} ({names}) VALUES {values}{conflict}"  # noqa: S608 -- names are ours
            self._inserts[table, many] = found
        return found

    def _text(self, sql: str) -> str:
        for brace, text in self._braces.items():
            sql = sql.replace(brace, text)
        return sql


@contextmanager
def translated_errors() -> Iterator[None]:
    """Translate sqlite3's errors into our own; no other package imports sqlite3."""
    try:
        yield
    except sqlite3.Error as error:
        unusable = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_NOTADB
        raise (LedgerUnusable if unusable else LedgerUnavailable)(f"{UNAVAILABLE}: {error}") from error
