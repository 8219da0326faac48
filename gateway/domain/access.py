"""Who may read what on the admin plane: roles, and what each opens."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

Role = Literal["viewer", "lead", "finance", "operator", "security"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
Right = Literal["status", "policy", "teams", "decisions", "evidence", "costs", "keys", "audit", "disputes", "sessions"]
RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    "viewer": frozenset({"status", "policy", "teams"}),
    "lead": frozenset({"decisions", "costs", "teams", "disputes"}),
    "finance": frozenset({"costs", "teams"}),
    "operator": frozenset({"status", "policy", "decisions", "keys"}),
    "security": frozenset({"decisions", "evidence", "audit", "disputes", "sessions"}),
}
"""Role → what it opens; docs/access.md shows it."""
OWNER: Final = "admin"
"""The name of the token in the file ``admin-token``: it has every role and never expires."""
OF_TEAMS: Final[Role] = "lead"
"""The role that sees its own teams alone."""


@dataclass(frozen=True, slots=True)
class Admin:
    """Who calls the admin plane, by a valid token."""

    name: str
    roles: frozenset[Role]
    teams: frozenset[str] | None = None
    """Whose decisions, costs and budgets are shown; None: everybody's."""

    def may(self, right: Right) -> bool:
        """Return whether one of the roles opens it."""
        return any(right in RIGHTS.get(role, ()) for role in self.roles)

    def sees(self, team: str) -> bool:
        """Return whether what belongs to a team is shown."""
        return self.teams is None or team in self.teams


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a token opens nothing."""

    code: str
    """Stable: ``unknown_token``, ``expired_token`` or ``revoked_token``."""
    message: str
    """What is wrong, then what to do; never the token."""


def roles_with(right: Right) -> tuple[Role, ...]:
    """Return the roles that open it."""
    return tuple([role for role in ROLES if right in RIGHTS[role]])
