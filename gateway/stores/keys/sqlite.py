"""API keys in a small database of their own: the command line writes it, servers keep a copy of it in memory."""

import secrets
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from gateway.domain.errors import LedgerUnavailable
from gateway.ports import Principal
from gateway.stores.keys.lookup import StoredKey, digest_of, look_up
from gateway.stores.ledger.schema import query

GRANTS: Final = ("declassify",)
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_ID_LENGTH: Final = 8
_BUSY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A key as lists show it."""

    id: str
    team: str
    name: str
    owner: str
    grants: tuple[str, ...]
    created_at: float
    expires_at: float | None
    revoked_at: float | None


def new_key() -> tuple[str, str, str]:
    """Return a new key's id, the key and the digest that is stored of it."""
    key_id = "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))
    key = f"gwk_{key_id}_{secrets.token_urlsafe(32)}"
    return key_id, key, digest_of(key)


class SqliteKeys:
    """Makes, lists and revokes keys; the only writer of the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def create(
        self,
        team: str,
        *,
        now: float,
        name: str = "",
        owner: str = "",
        grants: Sequence[str] = (),
        expires_at: float | None = None,
    ) -> tuple[str, str]:
        """Make a key; return its id and the key, which nobody can tell again.

        Raises:
            LedgerUnavailable: the file cannot be written.
        """
        key_id, key, digest = new_key()
        row = (key_id, team, name, owner, orjson.dumps(sorted(grants)).decode(), digest, now, expires_at, None)
        with closing(self._open()) as connection:
            try:
                connection.execute("INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            except sqlite3.Error as error:
                raise _unusable(error) from error
        return key_id, key

    def list(self) -> list[KeyEntry]:
        """Return all keys, oldest first, revoked ones too; empty if there never was one.

        Raises:
            LedgerUnavailable: the file cannot be read.
        """
        if not self._path.exists():
            return []
        sql = (
            "SELECT id, team, name, owner, grants, created_at, expires_at, revoked_at FROM keys ORDER BY created_at, id"
        )
        with closing(self._open()) as connection:
            try:
                found = connection.execute(sql).fetchall()
            except sqlite3.Error as error:
                raise _unusable(error) from error
        return [
            KeyEntry(key_id, team, name, owner, tuple(orjson.loads(grants)), created, expires, revoked)
            for key_id, team, name, owner, grants, created, expires, revoked in found
        ]

    def revoke(self, key_id: str, *, now: float) -> bool:
        """Revoke a key, once and for all; False if there is none of this id. Twice is the same as once.

        Raises:
            LedgerUnavailable: the file cannot be written.
        """
        if not self._path.exists():
            return False
        sql = "UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?"
        with closing(self._open()) as connection:
            try:
                return connection.execute(sql, (now, key_id)).rowcount > 0
            except sqlite3.Error as error:
                raise _unusable(error) from error

    def _open(self) -> sqlite3.Connection:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.touch(mode=0o600)
            connection = sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise _unusable(error) from error
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(query("keys"))
        except sqlite3.Error as error:
            connection.close()
            raise _unusable(error) from error
        return connection


class CachedKeys:
    """All keys in memory: :meth:`find` never touches the disk. Call :meth:`refresh` every second or so."""

    def __init__(self, path: Path) -> None:
        """Read the file if it is there.

        Raises:
            LedgerUnavailable: it is there and cannot be read.
        """
        self._path = path
        self._keys: dict[str, StoredKey] = {}
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._seen: tuple[int, int, int] | None = None
        if not self.refresh() and path.exists():
            self.close()
            raise LedgerUnavailable("the file of API keys cannot be read; restore it, or remove it and make new keys")

    def find(self, presented: str, now: float) -> Principal | None:
        """Return the owner of a presented key; None if it is unknown, revoked or expired at ``now``."""
        return look_up(self._keys, presented, now)

    def refresh(self) -> bool:
        """Read the keys again if the file changed; tell whether they were read. While it is unreadable, they stay."""
        with self._lock:
            try:
                return self._refresh()
            except (OSError, sqlite3.Error, ValueError):
                self._close()
                return False

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close()

    def _refresh(self) -> bool:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            self._close()
            if self._seen is None:
                return False
            self._keys, self._seen = {}, None
            return True
        if self._connection is None or self._seen is None or self._seen[:2] != (stat.st_dev, stat.st_ino):
            self._close()
            # Not read-only: the journal of a command that was killed must be rolled back before anything can be read.
            uri = self._path.resolve().as_uri() + "?mode=rw"
            self._connection = sqlite3.connect(
                uri, timeout=_BUSY_S, isolation_level=None, uri=True, check_same_thread=False
            )
            self._connection.execute("PRAGMA query_only = ON")
        version = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        seen = (stat.st_dev, stat.st_ino, version)
        if seen == self._seen:
            return False
        self._keys = _read(self._connection)
        self._seen = seen
        return True

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        if self._seen is not None:
            # A new connection counts versions anew; what is remembered of the old one means nothing to it.
            self._seen = (*self._seen[:2], -1)


def _read(connection: sqlite3.Connection) -> dict[str, StoredKey]:
    table = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'keys'").fetchone()
    if table is None:
        return {}
    found = connection.execute("SELECT id, team, sha256, grants, expires_at, revoked_at FROM keys")
    return {
        row[0]: StoredKey(row[0], row[1], row[2], frozenset(orjson.loads(row[3])), row[4], row[5] is not None)
        for row in found
    }


def _unusable(error: Exception) -> LedgerUnavailable:
    return LedgerUnavailable(f"the file of API keys cannot be used: {error}")
