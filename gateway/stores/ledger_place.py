"""Which ledger is written to: the settings' URL decides, and nobody else needs to know."""

import time

from gateway.stores.data_dir import SQLITE, DataDir
from gateway.stores.ledger_sqlite import SqliteLedger
from gateway.stores.ledger_store import Ledger


def open_ledger(data_dir: DataDir) -> Ledger:
    """Open the ledger for writing, brought up to the newest version.

    Raises:
        LedgerUnavailable: it cannot be used, or cannot be brought up.
        ValueError: its driver is not installed.
    """
    if data_dir.ledger_url == SQLITE:
        return SqliteLedger(data_dir.ledger)
    try:
        from gateway.stores.ledger_postgres import PostgresLedger  # noqa: PLC0415 -- its driver is an extra
    except ImportError as error:
        msg = "ledger.url: PostgreSQL's driver is not installed: pip install 'gateway[postgres]'"
        raise ValueError(msg) from error
    return PostgresLedger(data_dir.ledger_url, data_dir.spool_owner(), time.time_ns())
