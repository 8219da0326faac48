"""Tokens of the admin plane, whatever database they are in: each has a name, a role and an end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.domain.access import OF_TEAMS, Admin, Refusal, Role
from gateway.domain.time_text import utc
from gateway.stores.keys.kept import Kept, ListedEntry, entry_of
from gateway.stores.keys.lookup import Secret, matching, new_secret
from gateway.stores.keys.table import Cached, Table, Watch

_NEW: Final = "ask for a new one (gateway tokens create)"
_PAST: Final = {"expired": "expired", "revoked": "was revoked"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenEntry(ListedEntry):
    """A token as lists show it."""

    name: str
    role: Role
    teams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token as it is stored: never the token itself."""

    entry: TokenEntry
    sha256: str


class AdminTokens(Kept[TokenEntry]):
    """Makes, lists and revokes tokens."""

    def __init__(self, table: Table) -> None:
        super().__init__(table, TokenEntry)

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
        """Make a token, of a new secret if none is given; return its id and the token, which is stored nowhere.

        Raises:
            LedgerUnavailable: it cannot be stored.
        """
        return self._add(secret or new_secret("gwa"), {"name": name, "role": role, "teams": teams}, now, expires_at)


class CachedTokens(Cached[StoredToken]):
    """All tokens in memory, for a server."""

    def __init__(self, watch: Watch) -> None:
        """Read the tokens.

        Raises:
            LedgerUnavailable: they are there and cannot be read.
        """
        super().__init__(watch, lambda row: StoredToken(entry_of(TokenEntry, row), row["sha256"]))

    def find(self, presented: str, now: float) -> Admin | Refusal:
        """Return who presents a token at ``now`` (Unix seconds), or why it opens nothing."""
        stored = matching(self.held, "gwa", presented)
        if stored is None:
            return _unknown(presented)
        entry = stored.entry
        state = entry.state(now)
        if state == "active":
            return Admin(
                entry.name, frozenset({entry.role}), frozenset(entry.teams) if entry.role == OF_TEAMS else None
            )
        when = utc(entry.expires_at if state == "expired" else entry.revoked_at)
        return Refusal(f"{state}_token", f"the token {entry.id} of {entry.name} {_PAST[state]} at {when}: {_NEW}")


def _unknown(presented: str) -> Refusal:
    if presented.startswith("gwk_"):
        return Refusal(
            "unknown_token",
            "this is an API key, which calls models; here a token is needed: ask for one (gateway tokens create)",
        )
    return Refusal("unknown_token", f"this token is not known here: check that it is whole, or {_NEW}")
