"""The ledger in SQLite. The ledger child is its only writer; what it takes, it takes once, whatever happens between."""

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from gateway.domain.errors import LedgerUnavailable
from gateway.domain.records import Record
from gateway.stores.ledger_rows import UNSTORABLE, insert
from gateway.stores.ledger_schema import migrate

BUSY_S: Final = 10.0
UNAVAILABLE: Final = "the ledger's database cannot be used"


@dataclass(frozen=True, slots=True)
class Stored:
    """What a batch did: records that were new, in order, and those that no table can take."""

    new: list[Record]
    refused: list[Record]


@dataclass(frozen=True, slots=True)
class Position:
    """How far a segment is read, and whether something of it could not be."""

    offset: int = 0
    damaged: bool = False


class SqliteLedger:
    """The writer. May be used from several threads, one call at a time."""

    def __init__(self, path: Path) -> None:
        """Open or make the database and bring it to the newest version.

        Raises:
            LedgerUnavailable: it cannot be opened, or a newer gateway made it.
        """
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        with told():
            self._connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            with told():
                self._connection.execute("PRAGMA journal_mode = WAL")
                # FULL syncs at each commit: segments are removed on the strength of it.
                self._connection.execute("PRAGMA synchronous = FULL")
                migrate(self._connection, time.time_ns())
        except BaseException:
            self._connection.close()
            raise

    def store(self, records: Sequence[Record], segment: str = "", offset: int = 0, *, damaged: bool = False) -> Stored:
        """Insert a batch and note how far its segment is read, all or nothing. Twice is the same as once.

        Raises:
            LedgerUnavailable: the disk is full or failed; nothing of the batch was taken.
        """
        new: list[Record] = []
        refused: list[Record] = []
        with self._transaction() as connection:
            for record in records:
                try:
                    if insert(connection, record):
                        new.append(record)
                except UNSTORABLE:
                    refused.append(record)
            if segment:
                connection.execute(
                    "INSERT INTO spool_positions VALUES (?, ?, ?) ON CONFLICT (segment)"
                    " DO UPDATE SET offset = max(offset, excluded.offset), damaged = max(damaged, excluded.damaged)",
                    (segment, offset, damaged or bool(refused)),
                )
        return Stored(new, refused)

    def positions(self) -> dict[str, Position]:
        """Return how far each segment is read."""
        with self._lock, told():
            found = self._connection.execute("SELECT segment, offset, damaged FROM spool_positions").fetchall()
        return {segment: Position(offset, bool(damaged)) for segment, offset, damaged in found}

    def forget(self, segment: str) -> None:
        """Remove the position of a segment that is gone."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM spool_positions WHERE segment = ?", (segment,))

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        """Hand out the open ledger."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


@contextmanager
def told() -> Iterator[None]:
    """Tell the database's errors in our words: no other package knows sqlite3."""
    try:
        yield
    except sqlite3.Error as error:
        raise LedgerUnavailable(f"{UNAVAILABLE}: {error}") from error
