"""Which ledger is written to and read from: chosen by the URL in the settings, in this module only."""

import time
from contextlib import AbstractContextManager

from gateway.domain.errors import LedgerUnavailable
from gateway.domain.records import Action
from gateway.stores.data_dir import SQLITE, DataDir
from gateway.stores.ledger import snapshot_sqlite
from gateway.stores.ledger.snapshot import LedgerSnapshot
from gateway.stores.ledger.sqlite import SqliteLedger
from gateway.stores.ledger.writer import Ledger
from gateway.stores.spool.append import append


def open_ledger(data_dir: DataDir) -> Ledger:
    """Open the ledger for writing, brought up to the newest version.

    Raises:
        LedgerUnavailable: it cannot be used, or cannot be brought up.
        ValueError: its driver is not installed.
    """
    if data_dir.ledger_url == SQLITE:
        return SqliteLedger(data_dir.ledger)
    try:
        from gateway.stores.ledger.postgres import PostgresLedger  # noqa: PLC0415 -- its driver is an extra
    except ImportError as error:
        msg = "ledger.url: PostgreSQL's driver is not installed: pip install 'gateway[postgres]'"
        raise ValueError(msg) from error
    return PostgresLedger(data_dir.ledger_url, data_dir.spool_owner(), time.time_ns())


def snapshot(data_dir: DataDir) -> AbstractContextManager[LedgerSnapshot]:
    """Open a snapshot of the ledger for reading; of one in SQLite the database need not exist.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    if data_dir.ledger_url == SQLITE:
        return snapshot_sqlite.snapshot(data_dir)
    from gateway.stores.ledger import snapshot_postgres  # noqa: PLC0415 -- its driver is an extra

    return snapshot_postgres.snapshot(data_dir)


def write_action(data_dir: DataDir, action: Action, chance: bytes) -> None:
    """Write who changes what and return when it is durable: through the spool, as SQLite has one writer, else at once.

    A command may run on a machine without a gateway, where nothing ships its spool to PostgreSQL.

    Raises:
        LedgerUnavailable: it cannot be written.
    """
    if data_dir.ledger_url == SQLITE:
        try:
            append(data_dir, [action], "act", action.at, chance)
        except (LedgerUnavailable, OSError) as error:
            raise LedgerUnavailable(
                "nothing was changed, because its record cannot be written: make room on the disk of the data "
                "directory, or run this as a user that can write there"
            ) from error
        return
    from gateway.stores.ledger import postgres  # noqa: PLC0415 -- its driver is an extra

    try:
        postgres.write(data_dir.ledger_url, [action])
    except LedgerUnavailable as error:
        raise LedgerUnavailable(
            "nothing was changed, because its record cannot be written: check that the ledger's database can be "
            "reached and was not written by a newer gateway, and try again"
        ) from error
