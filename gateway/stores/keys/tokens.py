"""Tokens of the admin plane, whatever database they are in: each has a name, a role and an end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.domain.access import Admin, Refusal, Role
from gateway.domain.time_text import utc
from gateway.stores.keys.lookup import Secret, matching, new_secret, state_of
from gateway.stores.keys.table import Cached, Row, Table, Watch

_NEW: Final = "ask for a new one (gateway tokens create)"
_PAST: Final = {"expired": "expired", "revoked": "was revoked"}


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """A token as lists show it."""

    id: str
    name: str
    role: Role
    teams: tuple[str, ...]
    created_at: float
    expires_at: float | None
    revoked_at: float | None

    def as_json(self, now: float) -> dict[str, Any]:
        """Return plain data, with what it is at ``now``."""
        return {
            "id": self.id,
            "name": self.name,
            "role": self.role,
            "teams": list(self.teams),
            "created": utc(self.created_at),
            "expires": utc(self.expires_at),
            "revoked": utc(self.revoked_at),
            "state": state_of(self, now),
        }


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token as it is stored: never the token itself."""

    entry: TokenEntry
    sha256: str


class Tokens:
    """Makes, lists and revokes tokens."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def create(
        self,
        name: str,
        role: Role,
        *,
        now: float,
        teams: Sequence[str] = (),
        expires_at: float | None = None,
        secret: Secret | None = None,
    ) -> tuple[str, str]:
        """Make a token, of a new secret if none is given; return its id and the token, which nobody can tell again.

        Raises:
            LedgerUnavailable: it cannot be stored.
        """
        secret = secret or new_secret("gwa")
        row = {"id": secret.id, "sha256": secret.sha256, "name": name, "role": role, "teams": teams}
        self._table.insert({**row, "created_at": now, "expires_at": expires_at})
        return secret.id, secret.text

    def list(self) -> list[TokenEntry]:
        """Return all tokens, oldest first, revoked ones too; empty if there never was one.

        Raises:
            LedgerUnavailable: they cannot be read.
        """
        return [_entry(row) for row in self._table.rows()]

    def revoke(self, token_id: str, *, now: float) -> bool:
        """Revoke a token, once and for all; False if there is none of this id. Twice is the same as once.

        Raises:
            LedgerUnavailable: it cannot be stored.
        """
        return self._table.revoke(token_id, now)


class CachedTokens(Cached[StoredToken]):
    """All tokens in memory, for a server."""

    def __init__(self, watch: Watch) -> None:
        """Read the tokens.

        Raises:
            LedgerUnavailable: they are there and cannot be read.
        """
        super().__init__(watch, lambda row: StoredToken(_entry(row), row["sha256"]))

    def find(self, presented: str, now: float) -> Admin | Refusal:
        """Return who presents a token at ``now`` (Unix seconds), or why it opens nothing."""
        stored = matching(self.held, "gwa", presented)
        if stored is None:
            return _unknown(presented)
        entry = stored.entry
        state = state_of(entry, now)
        if state == "active":
            return Admin(entry.name, frozenset({entry.role}), frozenset(entry.teams) if entry.teams else None)
        when = utc(entry.expires_at if state == "expired" else entry.revoked_at)
        return Refusal(f"{state}_token", f"the token {entry.id} of {entry.name} {_PAST[state]} at {when}: {_NEW}")


def _unknown(presented: str) -> Refusal:
    if presented.startswith("gwk_"):
        return Refusal("unknown_token", f"this is a key for models, not a token of the admin plane: {_NEW}")
    return Refusal("unknown_token", f"this token is not known here: check that it is whole, or {_NEW}")


def _entry(row: Row) -> TokenEntry:
    return TokenEntry(**{name: row[name] for name in TokenEntry.__slots__})
