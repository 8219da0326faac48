"""The ledger in SQLite: one file, of which the ledger child is the only writer."""

import sqlite3
import time
from pathlib import Path
from typing import Final

from gateway.stores.ledger.schema import migrate
from gateway.stores.ledger.writer import Ledger
from gateway.stores.sql.sqlite import SqliteDatabase, translated_errors

BUSY_S: Final = 10.0


class SqliteLedger(Ledger):
    """The writer. May be used from several threads, one call at a time."""

    def __init__(self, path: Path) -> None:
        """Open or make the database and bring it to the newest version.

        Raises:
            LedgerUnavailable: it cannot be opened, or a newer gateway made it.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        with translated_errors():
            connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        try:
            with translated_errors():
                connection.execute("PRAGMA journal_mode = WAL")
                # FULL syncs at each commit: segments are removed on the strength of it.
                connection.execute("PRAGMA synchronous = FULL")
                migrate(connection, time.time_ns())
                # What a savepoint may take back: else a file, of which most rounds would need one.
                connection.execute("PRAGMA temp_store = MEMORY")
        except BaseException:
            connection.close()
            raise
        super().__init__(SqliteDatabase(connection))
