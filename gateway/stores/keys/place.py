"""Where API keys and admin tokens are: beside the ledger, in the data directory or in PostgreSQL."""

from typing import Protocol

from gateway.ports import KeyStore
from gateway.stores.data_dir import SQLITE, DataDir
from gateway.stores.keys.keys import CachedKeys, Keys
from gateway.stores.keys.sqlite import SqliteTable, SqliteWatch
from gateway.stores.keys.table import KEYS, TOKENS, Form, Table, Watch
from gateway.stores.keys.tokens import AdminTokens, CachedTokens


class KeyCache(KeyStore, Protocol):
    """Keys in memory that follow what is kept elsewhere."""

    problem: str
    """Why the newest keys are not all in force; empty if they are."""

    def refresh(self) -> bool:
        """Read the keys again if they changed; return whether they were read."""


def keeper(data_dir: DataDir) -> Keys:
    """Return what makes, lists and revokes keys."""
    return Keys(_table(data_dir, KEYS))


def token_keeper(data_dir: DataDir) -> AdminTokens:
    """Return what makes, lists and revokes admin tokens."""
    return AdminTokens(_table(data_dir, TOKENS))


def cached(data_dir: DataDir) -> CachedKeys:
    """Return what a server looks keys up in.

    Raises:
        LedgerUnavailable: they are there and cannot be read.
    """
    return CachedKeys(_watch(data_dir, KEYS))


def cached_tokens(data_dir: DataDir) -> CachedTokens:
    """Return what a server looks admin tokens up in.

    Raises:
        LedgerUnavailable: they are there and cannot be read.
    """
    return CachedTokens(_watch(data_dir, TOKENS))


def _table(data_dir: DataDir, form: Form) -> Table:
    if data_dir.ledger_url == SQLITE:
        return SqliteTable(data_dir.keys, form)
    from gateway.stores.keys.postgres import PostgresTable  # noqa: PLC0415 -- the driver is an extra

    return PostgresTable(data_dir.ledger_url, form)


def _watch(data_dir: DataDir, form: Form) -> Watch:
    if data_dir.ledger_url == SQLITE:
        return SqliteWatch(data_dir.keys, form)
    from gateway.stores.keys.postgres import PostgresWatch  # noqa: PLC0415 -- the driver is an extra

    return PostgresWatch(data_dir.ledger_url, form)
