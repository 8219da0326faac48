"""Keys and tokens beside the ledger in PostgreSQL: one set of them for edges on many hosts."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg

from gateway.domain.errors import LedgerUnavailable
from gateway.stores.keys import keys
from gateway.stores.keys.table import KEYS, Form, Row
from gateway.stores.ledger.postgres import migrate
from gateway.stores.sql.postgres import connect, translated_errors


class PostgresTable:
    """A table of the server."""

    def __init__(self, url: str, form: Form) -> None:
        self._url, self._form = url, form

    def insert(self, row: Row) -> None:
        """Add a row.

        Raises:
            LedgerUnavailable: the server is away.
        """
        with self._change() as connection:
            connection.execute(self._form.insert("%s").encode(), self._form.values(row))

    def rows(self) -> list[Row]:
        """Return all rows, oldest first, revoked ones too; empty if there never was one.

        Raises:
            LedgerUnavailable: the server is away.
        """
        with closing(connect(self._url)) as connection, translated_errors():
            try:
                return _rows(connection, self._form)
            except psycopg.errors.UndefinedTable:  # no gateway that knows it was here yet
                return []

    def revoke(self, row_id: str, now: float) -> bool:
        """Revoke a row, once and for all; False if there is none of this id. Twice is the same as once.

        Raises:
            LedgerUnavailable: the server is away.
        """
        with self._change() as connection:
            return connection.execute(self._form.revoke("%s").encode(), (now, row_id)).rowcount > 0

    @contextmanager
    def _change(self) -> Iterator[psycopg.Connection[dict[str, Any]]]:
        """Change rows and say that they changed, in one transaction; the tables are made if this comes first."""
        migrate(self._url)
        with closing(connect(self._url)) as connection, translated_errors(), connection.transaction():
            yield connection
            # One number for keys and tokens: both are few, and read again rarely.
            connection.execute("UPDATE keys_version SET number = number + 1")


class PostgresWatch:
    """Reads a table of the server when keys or tokens changed."""

    def __init__(self, url: str, form: Form) -> None:
        """Bring the tables up.

        Raises:
            LedgerUnavailable: the server is away.
        """
        self._url, self._form = url, form
        self._version = -1
        self._connection: psycopg.Connection[dict[str, Any]] | None = None
        migrate(url)

    def changed(self) -> list[Row] | None:
        """Return all rows if some changed since the last call; else None.

        Raises:
            LedgerUnavailable: the server is away.
        """
        try:
            return self._changed()
        except (psycopg.Error, LedgerUnavailable, ValueError) as error:
            self.close()
            raise LedgerUnavailable(
                "the API keys and admin tokens cannot be read from the ledger's database"
            ) from error

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _changed(self) -> list[Row] | None:
        if self._connection is None:
            self._connection = connect(self._url)
        with self._connection.transaction():
            self._connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            row = self._connection.execute("SELECT number FROM keys_version").fetchone()
            version = int(row["number"]) if row else 0
            if version == self._version:
                return None
            found = _rows(self._connection, self._form)
        self._version = version
        return found


class PostgresKeys(keys.Keys):
    """Makes, lists and revokes the keys of a server."""

    def __init__(self, url: str) -> None:
        super().__init__(PostgresTable(url, KEYS))


class CachedPostgresKeys(keys.CachedKeys):
    """The keys of a server in memory."""

    def __init__(self, url: str) -> None:
        """Read the keys.

        Raises:
            LedgerUnavailable: the server is away, or has no keys yet that could be read.
        """
        super().__init__(PostgresWatch(url, KEYS))


def _rows(connection: psycopg.Connection[dict[str, Any]], form: Form) -> list[Row]:
    return [form.row([row[name] for name in form.columns]) for row in connection.execute(form.select.encode())]
