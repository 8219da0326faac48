"""API keys, whatever database they are in: made, listed and revoked by a command, looked up by servers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.domain.time_text import utc
from gateway.ports import Principal
from gateway.stores.keys.lookup import Secret, StoredKey, look_up, new_secret, state_of
from gateway.stores.keys.table import Cached, Row, Table, Watch

GRANTS: Final = ("declassify",)


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

    def as_json(self, now: float) -> dict[str, Any]:
        """Return plain data, with what it is at ``now``."""
        return {
            "id": self.id,
            "team": self.team,
            "name": self.name,
            "owner": self.owner,
            "grants": list(self.grants),
            "created": utc(self.created_at),
            "expires": utc(self.expires_at),
            "revoked": utc(self.revoked_at),
            "state": state_of(self, now),
        }


class Keys:
    """Makes, lists and revokes keys."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def create(
        self,
        team: str,
        *,
        now: float,
        name: str = "",
        owner: str = "",
        grants: Sequence[str] = (),
        expires_at: float | None = None,
        secret: Secret | None = None,
    ) -> tuple[str, str]:
        """Make a key, of a new secret if none is given; return its id and the key, which nobody can tell again.

        Raises:
            LedgerUnavailable: it cannot be stored.
        """
        secret = secret or new_secret("gwk")
        row = {"id": secret.id, "sha256": secret.sha256, "team": team, "name": name, "owner": owner, "grants": grants}
        self._table.insert({**row, "created_at": now, "expires_at": expires_at})
        return secret.id, secret.text

    def list(self) -> list[KeyEntry]:
        """Return all keys, oldest first, revoked ones too; empty if there never was one.

        Raises:
            LedgerUnavailable: they cannot be read.
        """
        return [KeyEntry(**{name: row[name] for name in KeyEntry.__slots__}) for row in self._table.rows()]

    def revoke(self, key_id: str, *, now: float) -> bool:
        """Revoke a key, once and for all; False if there is none of this id. Twice is the same as once.

        Raises:
            LedgerUnavailable: it cannot be stored.
        """
        return self._table.revoke(key_id, now)


class CachedKeys(Cached[StoredKey]):
    """All keys in memory, for a server."""

    def __init__(self, watch: Watch) -> None:
        """Read the keys.

        Raises:
            LedgerUnavailable: they are there and cannot be read.
        """
        super().__init__(watch, _stored)

    def find(self, presented: str, now: float) -> Principal | None:
        """Return the owner of a presented key; None if it is unknown, revoked or expired at ``now``."""
        return look_up(self.held, presented, now)


def _stored(row: Row) -> StoredKey:
    revoked = row["revoked_at"] is not None
    return StoredKey(row["id"], row["team"], row["sha256"], frozenset(row["grants"]), row["expires_at"], revoked)
