"""Where the admin plane gets its answers. Data is limited to what the caller may see here, not in routes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from gateway.admin.known import Known
from gateway.domain.access import Admin
from gateway.domain.costs import Grouping

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sources:
    """Those that read the ledger block and run in threads."""

    known: Known
    status: Callable[[], Awaitable[Json | None]]
    """For probes: the edge's live state, or None if it does not answer."""
    metrics: Callable[[], Awaitable[bytes]]
    decisions: Callable[[Admin, int, int, str | None], list[Json]]
    """Arguments: caller, seconds back, limit, team."""
    decision: Callable[[Admin, str], Json | None]
    costs: Callable[[Admin, Grouping, str | None, str | None], Json]
    """Arguments: caller, by, first day, last day. Raises ValueError for invalid days."""
    policy: Callable[[str], bytes | None]
    keys: Callable[[], list[Json]]
    changes: Callable[[int, int, str, str], list[Json]]
    """Who changed what. Arguments: seconds back, limit, actor, action; empty: all."""
    disputes: Callable[[Admin, int, str], list[Json]]
    """Findings that callers dispute. Arguments: caller, seconds back, team; empty: all that the caller may see."""
    sessions: Callable[[str], list[Json]]
    """What is kept of a session, or because of a decision. Raises SessionsUnavailable."""
    forget: Callable[[Admin, str, str], int]
    """Have it forgotten. Arguments: caller, session or decision, reason. Returns how many entries that is.

    Raises SessionsUnavailable, and LedgerUnavailable if it cannot be recorded.
    """


def live_for(admin: Admin, status: Json) -> Json:
    """Return the edge's live state as far as somebody may see it: of teams their own, or none."""
    shown = {name: value for name, value in status.items() if name != "teams"}
    return shown | {"teams": teams_for(admin, status)} if admin.may("teams") else shown


def teams_for(admin: Admin, status: Json) -> Json:
    """Return the teams with a budget that somebody may see."""
    return {team: budget for team, budget in status["teams"].items() if admin.sees(team)}
