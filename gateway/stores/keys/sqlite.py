"""Keys and tokens in a small database of their own: the command line writes it, servers keep a copy of it in memory."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from gateway.domain.errors import LedgerUnavailable
from gateway.stores.keys import keys
from gateway.stores.keys.table import KEYS, Form, Row
from gateway.stores.ledger.schema import query

_BUSY_S: Final = 5.0


class SqliteTable:
    """A table of the file; the command line is its only writer."""

    def __init__(self, path: Path, form: Form) -> None:
        self._path, self._form = path, form

    def insert(self, row: Row) -> None:
        """Add a row.

        Raises:
            LedgerUnavailable: the file cannot be written.
        """
        with self._opened() as connection:
            connection.execute(self._form.insert("?"), self._form.values(row))

    def rows(self) -> list[Row]:
        """Return all rows, oldest first, revoked ones too; empty if there never was one.

        Raises:
            LedgerUnavailable: the file cannot be read.
        """
        if not self._path.exists():
            return []
        with self._opened() as connection:
            return [self._form.row(values) for values in connection.execute(self._form.select)]

    def revoke(self, row_id: str, now: float) -> bool:
        """Revoke a row, once and for all; False if there is none of this id. Twice is the same as once.

        Raises:
            LedgerUnavailable: the file cannot be written.
        """
        if not self._path.exists():
            return False
        with self._opened() as connection:
            return connection.execute(self._form.revoke("?"), (now, row_id)).rowcount > 0

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.touch(mode=0o600)
            with closing(sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None)) as connection:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute(query(self._form.table))
                yield connection
        except (OSError, sqlite3.Error) as error:
            raise LedgerUnavailable(f"the file of API keys and admin tokens cannot be used: {error}") from error


class SqliteWatch:
    """Reads a table of the file when the file changed."""

    def __init__(self, path: Path, form: Form) -> None:
        self._path, self._form = path, form
        self._connection: sqlite3.Connection | None = None
        self._seen: tuple[int, int, int] | None = None

    def changed(self) -> list[Row] | None:
        """Return all rows if the file changed since the last call; else None.

        Raises:
            LedgerUnavailable: the file is there and cannot be read.
        """
        try:
            return self._changed()
        except (OSError, sqlite3.Error, ValueError) as error:
            self.close()
            raise LedgerUnavailable(
                "the file of API keys and admin tokens cannot be read; restore it, or remove it and make new ones"
            ) from error

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        if self._seen is not None:
            # A new connection counts versions anew; what is remembered of the old one means nothing to it.
            self._seen = (*self._seen[:2], -1)

    def _changed(self) -> list[Row] | None:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            self.close()
            known, self._seen = self._seen, None
            return None if known is None else []
        if self._connection is None or self._seen is None or self._seen[:2] != (stat.st_dev, stat.st_ino):
            self.close()
            # Not read-only: the journal of a command that was killed must be rolled back before anything can be read.
            uri = self._path.resolve().as_uri() + "?mode=rw"
            self._connection = sqlite3.connect(
                uri, timeout=_BUSY_S, isolation_level=None, uri=True, check_same_thread=False
            )
            self._connection.execute("PRAGMA query_only = ON")
        version = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        seen = (stat.st_dev, stat.st_ino, version)
        if seen == self._seen:
            return None
        found = self._rows(self._connection)
        self._seen = seen
        return found

    def _rows(self, connection: sqlite3.Connection) -> list[Row]:
        if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (self._form.table,)).fetchone() is None:
            return []
        return [self._form.row(values) for values in connection.execute(self._form.select)]


class SqliteKeys(keys.Keys):
    """Makes, lists and revokes the keys of a file."""

    def __init__(self, path: Path) -> None:
        super().__init__(SqliteTable(path, KEYS))


class CachedKeys(keys.CachedKeys):
    """The keys of a file in memory."""

    def __init__(self, path: Path) -> None:
        """Read the file if it is there.

        Raises:
            LedgerUnavailable: it is there and cannot be read.
        """
        super().__init__(SqliteWatch(path, KEYS))
