"""Where the API keys are: beside the ledger, in the data directory or in PostgreSQL."""

from typing import TYPE_CHECKING, Protocol

from gateway.ports import KeyStore
from gateway.stores.data_dir import SQLITE, DataDir
from gateway.stores.keys.sqlite import CachedKeys, SqliteKeys

if TYPE_CHECKING:  # the driver is an extra
    from gateway.stores.keys.postgres import PostgresKeys


class KeyCache(KeyStore, Protocol):
    """Keys in memory that follow what is kept elsewhere."""

    def refresh(self) -> bool:
        """Read the keys again if they changed; tell whether they were read."""


def keeper(data_dir: DataDir) -> "SqliteKeys | PostgresKeys":
    """Return what makes, lists and revokes keys."""
    if data_dir.ledger_url == SQLITE:
        return SqliteKeys(data_dir.keys)
    from gateway.stores.keys.postgres import PostgresKeys  # noqa: PLC0415

    return PostgresKeys(data_dir.ledger_url)


def cached(data_dir: DataDir) -> KeyCache:
    """Return what a server looks keys up in.

    Raises:
        LedgerUnavailable: they are there and cannot be read.
    """
    if data_dir.ledger_url == SQLITE:
        return CachedKeys(data_dir.keys)
    from gateway.stores.keys.postgres import CachedPostgresKeys  # noqa: PLC0415

    return CachedPostgresKeys(data_dir.ledger_url)
