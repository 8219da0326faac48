"""A snapshot of a ledger in SQLite and of the unshipped spool."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Literal

from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.schema import LedgerOutdated, newest, refuse_newer, version_of
from gateway.stores.ledger.snapshot import LedgerSnapshot, complete, scratch, take_spool
from gateway.stores.ledger.sqlite import BUSY_S
from gateway.stores.sql.sqlite import SqliteDatabase, translated_errors

Mode = Literal["ro", "rw"]


@contextmanager
def snapshot(data_dir: DataDir) -> Iterator[LedgerSnapshot]:
    """Open a snapshot of the ledger; the database need not exist.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with translated_errors(), ExitStack() as stack:
        try:
            seen = stack.enter_context(_opened(data_dir, "ro"))
        except sqlite3.OperationalError as error:
            # A writer that was killed leaves a journal, or an index of its log, that only a writer may put in order.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
                raise
            seen = stack.enter_context(_opened(data_dir, "rw"))
        yield seen


@contextmanager
def _opened(data_dir: DataDir, mode: Mode) -> Iterator[LedgerSnapshot]:
    with closing(scratch()) as connection:
        spooled = SqliteDatabase(connection)
        damage = take_spool(spooled, data_dir, _positions(data_dir.ledger, mode))
        stored = None
        if _attach(connection, data_dir.ledger, mode):
            stored = spooled.attached("disk", "(SELECT id FROM main.touched)")
            complete(spooled, stored)
        yield LedgerSnapshot(spooled, stored, damage=damage)


def _positions(path: Path, mode: Mode) -> dict[str, int]:
    if not path.exists():
        return {}
    with closing(sqlite3.connect(_uri(path, mode), timeout=BUSY_S, isolation_level=None, uri=True)) as connection:
        version = version_of(connection)
        refuse_newer(version)
        if version == 0:
            return {}
        return dict(connection.execute('SELECT segment, "offset" FROM spool_positions'))


def _attach(connection: sqlite3.Connection, path: Path, mode: Mode) -> bool:
    """Attach the database, if there is one, and begin the one transaction in which all is read."""
    there = path.exists()
    if there:
        connection.execute("ATTACH ? AS disk", (_uri(path, mode),))
    connection.execute("BEGIN")
    # The first read, not the BEGIN, fixes the moment.
    version = version_of(connection, "disk") if there else 0
    refuse_newer(version)
    if 0 < version < newest():
        raise LedgerOutdated(
            f"the ledger has schema version {version}, this gateway reads {newest()}: "
            "start the gateway once to upgrade it"
        )
    return version > 0


def _uri(path: Path, mode: Mode) -> str:
    return f"{path.resolve().as_uri()}?mode={mode}"
