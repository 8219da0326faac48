"""What API keys and admin tokens share: an entry of a list, and the one who makes, lists and revokes."""

import builtins
from dataclasses import dataclass, fields
from typing import Any, Final, Generic, Literal, TypeVar

from gateway.domain.time_text import utc
from gateway.stores.keys.lookup import Secret
from gateway.stores.keys.table import Row, Table

_TIMES: Final = ("created_at", "expires_at", "revoked_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedEntry:
    """A key or token as lists show it; times are Unix time in seconds."""

    id: str
    created_at: float
    expires_at: float | None
    """None: never."""
    revoked_at: float | None
    """None: it is not."""

    def state(self, now: float) -> Literal["active", "expired", "revoked"]:
        """Return what it is now."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and now >= self.expires_at else "active"

    def as_json(self, now: float) -> dict[str, Any]:
        """Return plain data, with what it is at ``now``."""
        own = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in _TIMES}
        own = {name: list(value) if isinstance(value, tuple) else value for name, value in own.items()}
        times = {name.removesuffix("_at"): utc(getattr(self, name)) for name in _TIMES}
        return {**own, **times, "state": self.state(now)}


Kind = TypeVar("Kind", bound=ListedEntry)


class Kept(Generic[Kind]):
    """Makes, lists and revokes; of what kind is said by the entry."""

    def __init__(self, table: Table, entry: type[Kind]) -> None:
        self._table, self._entry = table, entry

    def list(self) -> builtins.list[Kind]:
        """Return all, oldest first, revoked ones too; empty if there never was one.

        Raises:
            LedgerUnavailable: they cannot be read.
        """
        return [entry_of(self._entry, row) for row in self._table.rows()]

    def revoke(self, row_id: str, *, now: float) -> bool:
        """Revoke one, once and for all; False if there is none of this id. Twice is the same as once.

        Raises:
            LedgerUnavailable: it cannot be stored.
        """
        return self._table.revoke(row_id, now)

    def _add(self, secret: Secret, row: Row, now: float, expires_at: float | None) -> tuple[str, str]:
        self._table.insert(
            {**row, "id": secret.id, "sha256": secret.sha256, "created_at": now, "expires_at": expires_at}
        )
        return secret.id, secret.text


def entry_of(kind: type[Kind], row: Row) -> Kind:
    """Return the entry that a row holds."""
    return kind(**{each.name: row[each.name] for each in fields(kind)})
