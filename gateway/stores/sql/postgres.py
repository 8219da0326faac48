"""PostgreSQL as the ledger's database: the same SQL as SQLite's, said in its words."""

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import orjson
import psycopg
from psycopg.rows import dict_row

from gateway.domain.errors import LedgerUnavailable
from gateway.stores.sql.database import ROW_ERRORS, Row, Size, Unstorable, addition

UNAVAILABLE: Final = "the ledger's database cannot be used"
SCHEMA: Final = "gateway"
_CONNECT_S: Final = 5
_STATEMENT_MS: Final = 60_000
_PAGE: Final = 5000
_LOCK_MS: Final = 10_000
_NAMED: Final = re.compile(r"(?<![:\w]):([a-z_]\w*)")
_UNSTORABLE: Final = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.DatatypeMismatch, *ROW_ERRORS)


def connect(url: str) -> psycopg.Connection[dict[str, Any]]:
    """Open a connection whose statements cannot wait forever.

    Raises:
        LedgerUnavailable: the server is down, or refuses the connection.
    """
    with translated_errors():
        return psycopg.connect(
            url,
            autocommit=True,
            row_factory=dict_row,
            connect_timeout=_CONNECT_S,
            application_name="gateway",
            options=f"-c search_path={SCHEMA} -c statement_timeout={_STATEMENT_MS} -c lock_timeout={_LOCK_MS}"
            # Who opens a cursor here reads it to its end; the server plans for the first tenth otherwise.
            # Compiling a query of ours takes longer than it.
            " -c cursor_tuple_fraction=1 -c jit=off",
            keepalives_idle=30,
            tcp_user_timeout=_STATEMENT_MS,
        )


class _Link:
    """One connection to a server, and what keeps those apart who use it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.connection = connect(url)
        self.lock = threading.RLock()
        self.depth = 0
        """Transactions that are under way, one inside of the other."""

    def open(self) -> psycopg.Connection[dict[str, Any]]:
        """Return the connection, opened again if it was lost."""
        # Inside of a transaction a new connection would go on with half of it.
        if not self.depth and (self.connection.closed or self.connection.broken):
            self.connection = connect(self._url)
        return self.connection


class PostgresDatabase:
    """The ledger's tables in one server. May be used from several threads, one call at a time.

    A connection that was lost is opened again by the next transaction, as far as none was under way.
    """

    def __init__(self, link: str | _Link, elsewhere: str = "") -> None:
        """Take a server's URL, or a connection of another database; ``elsewhere``: requests that others answer for."""
        self._link = _Link(link) if isinstance(link, str) else link
        self._inserts: dict[str, bytes] = {}
        self._braces = {
            "{db}.": "",
            "{elsewhere}": elsewhere or "('')",
            "{touched}": "(SELECT id FROM touched)",
            # As an array, not as a query: the planner then goes by the index.
            "IN {ids}": "= ANY(ARRAY(SELECT jsonb_array_elements_text(:ids::jsonb)))",
        }

    def select(self, text: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """Return the rows of a query."""
        with self._link.lock, translated_errors():
            return list(self._link.open().execute(self._text(text), parameters or {}))

    def stream(self, text: str, parameters: Mapping[str, Any] | None = None) -> Iterator[Row]:
        """Yield the rows of a query that may give many, page by page; inside of a transaction."""
        with self._link.lock, translated_errors(), self._link.open().cursor("stream") as cursor:
            cursor.itersize = _PAGE
            yield from cursor.execute(self._text(text), parameters or {})

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[bool]:
        """Insert rows whose id is not there yet, hundreds at once; return for each whether it was new.

        Raises:
            Unstorable: a value is not of its column's type; nothing of these rows was inserted.
        """
        if not rows:
            return []
        seen = self._insert(table, columns, rows)
        new: list[bool] = []
        for row in rows:  # the first of two equal ids is the new one
            new.append(row[0] in seen)
            seen.discard(row[0])
        return new

    def add(self, table: str, key: Sequence[str], sums: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Add numbers to the rows of a table of sums, in the order given; a row that is not there is inserted."""
        if rows:
            columns = (*key, *sums)
            text = self._inserts.get(table) or self._insertion(table, columns, addition(table, key, sums))
            self._link.connection.execute(text, (_recordset(columns, rows),))

    def run(self, text: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement once for each row of parameters."""
        if rows:
            with self._link.connection.cursor() as cursor:
                cursor.executemany(self._text(text), rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Take all that is done inside, or nothing of it.

        Raises:
            LedgerUnavailable: the database cannot be used now.
        """
        with self._link.lock, translated_errors(), self._link.open().transaction():
            self._link.depth += 1
            try:
                yield
            finally:
                self._link.depth -= 1

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Inside of a transaction: take back what is done inside if it raises."""
        with self._link.connection.transaction():
            yield

    def size(self) -> Size:
        """Return how large the database is; the server does not report the free space inside of it."""
        return Size(int(self.select("SELECT pg_database_size(current_database()) AS bytes")[0]["bytes"]), 0)

    def whole(self) -> "PostgresDatabase":
        """Return the same database answering for every request, also for those ``elsewhere``."""
        return PostgresDatabase(self._link)

    def without(self, elsewhere: str) -> "PostgresDatabase":
        """Return the same database leaving a set of requests to others."""
        return PostgresDatabase(self._link, elsewhere)

    @property
    def connection(self) -> psycopg.Connection[dict[str, Any]]:
        """The open connection, for what only PostgreSQL has."""
        return self._link.open()

    def close(self) -> None:
        """Close the connection."""
        with self._link.lock:
            self._link.connection.close()

    def _insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> set[str]:
        """Insert rows as one parameter, which the server takes apart: thousands of them cost us nothing to write."""
        text = self._insertion(table, columns, f" ON CONFLICT DO NOTHING RETURNING {columns[0]}")
        try:
            return {row[columns[0]] for row in self._link.connection.execute(text, (_recordset(columns, rows),))}
        except _UNSTORABLE as error:
            raise Unstorable(str(error)) from error

    def _insertion(self, table: str, columns: Sequence[str], conflict: str) -> bytes:
        if table not in self._inserts:
            names = ", ".join(columns)
            self._inserts[table] = (
                f"INSERT INTO {table} ({names}) SELECT {names} FROM json_populate_recordset(NULL::{table}, %s::json)"  # noqa: S608 -- names are ours
                f"{conflict}"
            ).encode()
        return self._inserts[table]

    def _text(self, text: str) -> bytes:
        for brace, meaning in self._braces.items():
            text = text.replace(brace, meaning)
        return _NAMED.sub(r"%(\1)s", text.replace("%", "%%")).encode()


@contextmanager
def translated_errors() -> Iterator[None]:
    """Translate psycopg's errors into our own, without the server's address; no other package imports psycopg."""
    try:
        yield
    except psycopg.Error as error:
        detail = str(error).partition("\n")[0] if error.sqlstate else type(error).__name__
        raise LedgerUnavailable(f"{UNAVAILABLE}: {detail}") from error


def _recordset(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    return orjson.dumps([dict(zip(columns, map(_plain, row), strict=True)) for row in rows]).decode()


def _plain(value: Any) -> Any:
    """Return a value as a column takes it: truth as 0 or 1, and no NUL, which no text here may hold."""
    if isinstance(value, bool):
        return int(value)
    return value.replace("\x00", "\ufffd") if isinstance(value, str) and "\x00" in value else value
