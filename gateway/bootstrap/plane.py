"""Data of the admin plane: from the ledger, the keys and the edge, filtered for the token's owner."""

import secrets
import time
from typing import Any, Final

from gateway.admin.edge_client import EdgeClient
from gateway.admin.known import Known, with_owner
from gateway.admin.sources import Sources
from gateway.domain.access import Admin
from gateway.domain.costs import Grouping
from gateway.queries import sessions as conversations
from gateway.queries.changes import changes, disputed
from gateway.queries.costs import CostQuery, cost_report
from gateway.queries.decisions import decision, decisions, since
from gateway.queries.policy import policy_text
from gateway.reports.costs import as_json
from gateway.reports.span import days
from gateway.settings import Settings
from gateway.stores.data_dir import DataDir, read_or_make_secret
from gateway.stores.keys.place import keeper
from gateway.stores.keys.tokens import CachedTokens
from gateway.stores.ledger.actions import CHANCE_BYTES, Actor
from gateway.stores.ledger.reader import LedgerReader
from gateway.telemetry.ledger_metrics import LedgerMetrics

TOKEN_BYTES: Final = 32
_NS: Final = 1_000_000_000


def sources(
    settings: Settings, data: DataDir, edge: EdgeClient, metrics: LedgerMetrics, tokens: CachedTokens
) -> Sources:
    """Return the sources.

    Raises:
        OSError: the file of the owner's token can neither be read nor made.
        ValueError: it is empty.
    """
    answers = Answers(data)
    sensitivity = AboutSensitivity(settings, data)

    async def all_metrics() -> bytes:
        return await edge.metrics() + metrics.render()

    return Sources(
        known=_known(settings, data, tokens),
        status=edge.status,
        metrics=all_metrics,
        decisions=answers.decisions,
        decision=answers.decision,
        costs=answers.costs,
        policy=answers.policy,
        keys=answers.keys,
        changes=answers.changes,
        disputes=sensitivity.disputes,
        sessions=sensitivity.sessions,
        forget=sensitivity.forget,
    )


class Answers:
    """What is read of the stores; blocks."""

    def __init__(self, data: DataDir) -> None:
        self._data = data
        self._reader = LedgerReader(data)

    def decisions(self, admin: Admin, since_s: int, limit: int, team: str | None) -> list[dict[str, Any]]:
        """Return decisions that somebody may see, newest first."""
        span = since(time.time_ns() - since_s * _NS)
        return decisions(self._reader, span, limit, {} if team is None else {"team": team}, admin.teams)

    def decision(self, admin: Admin, decision_id: str) -> dict[str, Any] | None:
        """Return a decision that somebody may see; without its evidence, if that is not for them."""
        found = decision(self._reader, decision_id, later=True)
        if found is None or not admin.sees(found["team"]):
            return None
        return found if admin.may("evidence") else found | {"evidence": None}

    def costs(self, admin: Admin, by: Grouping, first: str | None, last: str | None) -> dict[str, Any]:
        """Return the cost report of the teams that somebody may see.

        Raises:
            ValueError: a day is none.
        """
        now_ns = time.time_ns()
        span = days(first, last, now_ns)
        report = as_json(cost_report(self._reader, CostQuery(by, span, now_ns, teams=admin.teams)))
        return report if admin.teams is None else report | {"teams": sorted(admin.teams)}

    def keys(self) -> list[dict[str, Any]]:
        """Return the API keys by id, oldest first."""
        now = time.time()
        return [entry.as_json(now) for entry in keeper(self._data).list()]

    def changes(self, since_s: int, limit: int, actor: str, action: str) -> list[dict[str, Any]]:
        """Return who changed what, newest first."""
        return changes(self._reader, time.time_ns() - since_s * _NS, limit, actor=actor, action=action)

    def policy(self, policy: str) -> bytes | None:
        """Return the canonical bytes of a policy; None if it was never in force here."""
        return policy_text(self._reader, policy)


class AboutSensitivity:
    """What conversations carry, and what callers say of findings; blocks."""

    def __init__(self, settings: Settings, data: DataDir) -> None:
        self._settings = settings
        self._data = data

    def disputes(self, admin: Admin, since_s: int, team: str) -> list[dict[str, Any]]:
        """Return the disputed findings that somebody may see, newest first."""
        now_ns = time.time_ns()
        rows = disputed(LedgerReader(self._data), now_ns - since_s * _NS, now_ns, team)
        return [row for row in rows if admin.sees(row["team"])]

    def sessions(self, wanted: str) -> list[dict[str, Any]]:
        """Return what is kept of a session, or because of a decision.

        Raises:
            SessionsUnavailable: Redis is not available.
        """
        return [conversations.as_json(one) for one in self._found(wanted)]

    def forget(self, admin: Admin, wanted: str, reason: str) -> int:
        """Have it forgotten; return how many entries that is.

        Raises:
            SessionsUnavailable: Redis is not available.
            LedgerUnavailable: it cannot be recorded.
            OSError: it cannot be asked.
        """
        some = self._found(wanted)
        if some:
            actor = Actor(admin.name, ", ".join(sorted(admin.roles)), "api")
            chance = secrets.token_bytes(CHANCE_BYTES)
            conversations.forget(self._data, actor, some, wanted, reason, now_ns=time.time_ns(), chance=chance)
        return len(some)

    def _found(self, wanted: str) -> list[conversations.Held]:
        salt = self._data.salt_of(self._settings.salt_file)
        try:
            return conversations.found(conversations.held(self._data, self._settings.state.url), wanted, salt)
        except FileNotFoundError:
            return []


def _known(settings: Settings, data: DataDir, tokens: CachedTokens) -> Known:
    return with_owner(_owner_token(settings, data), lambda presented: tokens.find(presented, time.time()))


def _owner_token(settings: Settings, data: DataDir) -> str:
    if settings.admin_token_file is not None:
        token = settings.admin_token_file.read_text(encoding="ascii").strip()
        if not token:
            msg = "the file that admin_token_file names is empty; put a long random text into it"
            raise ValueError(msg)
        return token
    return read_or_make_secret(data.admin_token, TOKEN_BYTES)
