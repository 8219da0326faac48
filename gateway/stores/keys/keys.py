"""API keys, whatever database they are in: made, listed and revoked by a command, looked up by servers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.ports import Principal
from gateway.stores.keys.kept import Kept, ListedEntry
from gateway.stores.keys.lookup import Secret, StoredKey, look_up, new_secret
from gateway.stores.keys.table import Cached, Row, Table, Watch

GRANTS: Final = ("declassify",)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEntry(ListedEntry):
    """A key as lists show it."""

    team: str
    name: str
    owner: str
    grants: tuple[str, ...]


class Keys(Kept[KeyEntry]):
    """Makes, lists and revokes keys."""

    def __init__(self, table: Table) -> None:
        super().__init__(table, KeyEntry)

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
        """Make a key, of a new secret if none is given; return its id and the key, which is stored nowhere.

        Raises:
            LedgerUnavailable: it cannot be stored.
        """
        row = {"team": team, "name": name, "owner": owner, "grants": grants}
        return self._add(secret or new_secret("gwk"), row, now, expires_at)


class CachedKeys(Cached[StoredKey]):
    """All keys in memory, for a server."""

    problem = ""
    """A store has no bad entries."""

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
