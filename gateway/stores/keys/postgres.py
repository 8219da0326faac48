"""API keys beside the ledger in PostgreSQL: one set of keys for edges on many hosts."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final

import orjson
import psycopg

from gateway.domain.errors import LedgerUnavailable
from gateway.ports import Principal
from gateway.stores.keys.lookup import StoredKey, look_up
from gateway.stores.keys.sqlite import KeyEntry, new_key
from gateway.stores.ledger.postgres import migrate
from gateway.stores.sql.postgres import connect, told

_LIST: Final = (
    "SELECT id, team, name, owner, grants, created_at, expires_at, revoked_at FROM keys ORDER BY created_at, id"
)


class PostgresKeys:
    """Makes, lists and revokes keys."""

    def __init__(self, url: str) -> None:
        self._url = url

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
            LedgerUnavailable: the server is away.
        """
        key_id, key, digest = new_key()
        row = (key_id, team, name, owner, orjson.dumps(sorted(grants)).decode(), digest, now, expires_at)
        with self._change() as connection:
            connection.execute(
                "INSERT INTO keys (id, team, name, owner, grants, sha256, created_at, expires_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                row,
            )
        return key_id, key

    def list(self) -> list[KeyEntry]:
        """Return all keys, oldest first, revoked ones too.

        Raises:
            LedgerUnavailable: the server is away.
        """
        with closing(connect(self._url)) as connection, told():
            found = connection.execute(_LIST).fetchall()
        return [KeyEntry(**{**row, "grants": tuple(orjson.loads(row["grants"]))}) for row in found]

    def revoke(self, key_id: str, *, now: float) -> bool:
        """Revoke a key, once and for all; False if there is none of this id. Twice is the same as once.

        Raises:
            LedgerUnavailable: the server is away.
        """
        with self._change() as connection:
            done = connection.execute(
                "UPDATE keys SET revoked_at = coalesce(revoked_at, %s) WHERE id = %s", (now, key_id)
            )
            return done.rowcount > 0

    @contextmanager
    def _change(self) -> Iterator[psycopg.Connection[dict[str, Any]]]:
        """Change keys and say that they changed, in one transaction; the tables are made if this comes first."""
        migrate(self._url)
        with closing(connect(self._url)) as connection, told(), connection.transaction():
            yield connection
            connection.execute("UPDATE keys_version SET number = number + 1")


class CachedPostgresKeys:
    """All keys in memory: :meth:`find` never asks the server. Call :meth:`refresh` every second or so."""

    def __init__(self, url: str) -> None:
        """Read the keys.

        Raises:
            LedgerUnavailable: the server is away, or has no keys yet that could be read.
        """
        self._url = url
        self._keys: dict[str, StoredKey] = {}
        self._version = -1
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[dict[str, Any]] | None = None
        migrate(url)
        if not self.refresh():
            raise LedgerUnavailable("the API keys cannot be read from the ledger's database")

    def find(self, presented: str, now: float) -> Principal | None:
        """Return the owner of a presented key; None if it is unknown, revoked or expired at ``now``."""
        return look_up(self._keys, presented, now)

    def refresh(self) -> bool:
        """Read the keys again if they changed; tell whether they were read. While the server is away, they stay."""
        with self._lock:
            try:
                return self._refresh()
            except (psycopg.Error, LedgerUnavailable, ValueError):
                self._close()
                return False

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._close()

    def _refresh(self) -> bool:
        if self._connection is None:
            self._connection = connect(self._url)
        with self._connection.transaction():
            self._connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            row = self._connection.execute("SELECT number FROM keys_version").fetchone()
            version = int(row["number"]) if row else 0
            if version == self._version:
                return False
            found = self._connection.execute("SELECT id, team, sha256, grants, expires_at, revoked_at FROM keys")
            self._keys = {
                key["id"]: StoredKey(
                    key["id"],
                    key["team"],
                    key["sha256"],
                    frozenset(orjson.loads(key["grants"])),
                    key["expires_at"],
                    key["revoked_at"] is not None,
                )
                for key in found
            }
        self._version = version
        return True

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
