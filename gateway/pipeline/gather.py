"""Everything that policy may look at, gathered into facts; texts and names of people only as salted hashes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from gateway.domain.facts import Facts
from gateway.domain.label import Label
from gateway.domain.money import Nanos
from gateway.domain.team import Team
from gateway.estimation.tokens import estimate_tokens
from gateway.pipeline.inbound import Inbound
from gateway.policy.snapshot import Snapshot
from gateway.ports import Principal
from gateway.wire.dialect import RequestShape

_SESSION_HEADERS: Final = ("x-gateway-session", "x-claude-code-session-id", "session-id")

LONGEST_TASK: Final = 64
"""It goes to the ledger and is a group of reports: a word, not a text."""


@dataclass(frozen=True, slots=True)
class Salt:
    """Turns names into hashes that nobody can look up without the salt; the same name keeps its hash."""

    key: bytes

    def hash(self, *parts: str) -> str:
        """Return 16 hex digits; empty if the last part is."""
        if not parts[-1]:
            return ""
        return hashlib.blake2b("\x1f".join(parts).encode(), key=self.key, digest_size=8).hexdigest()


class Budgets(Protocol):
    """The part of the hold store that is a fact."""

    def left(self, team: str) -> Nanos | None:
        """Return what is neither spent nor held; None if the team has no budget."""


class Latencies(Protocol):
    """The part of the load board that is a fact."""

    def latency_ms(self, targets: Sequence[str]) -> tuple[tuple[str, int], ...]:
        """Return the recent time to first token of those targets that have one, sorted by id."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """What is known of a call before its facts are."""

    inbound: Inbound
    shape: RequestShape
    principal: Principal
    team: Team
    label: Label
    text_bytes: int
    body_bytes: int


def gather(known: Gathering, snapshot: Snapshot, holds: Budgets, board: Latencies, salt: Salt) -> Facts:
    """Return the facts of a request."""
    shape, principal, headers = known.shape, known.principal, known.inbound.headers
    at = datetime.fromtimestamp(known.inbound.received_ns / 1e9, UTC)
    session = next((value for name in _SESSION_HEADERS if (value := headers.get(name))), "") or shape.session
    return Facts(
        team=principal.team,
        key=principal.key,
        model=shape.model,
        dialect=known.inbound.dialect.name,
        task=snapshot.task_for(
            header=(headers.get("x-gateway-task") or "").strip()[:LONGEST_TASK],
            user_agent=headers.get("user-agent") or "",
            team=principal.team,
            model=shape.model,
            key=principal.key,
        ),
        user=salt.hash("user", principal.team, shape.user),
        session=salt.hash("session", principal.team, session),
        conversation=salt.hash("conversation", principal.team, shape.opening),
        label=known.label,
        stream=shape.stream,
        has_tools=shape.has_tools,
        has_images=shape.has_images,
        needs=shape.needs,
        input_tokens=estimate_tokens(known.text_bytes),
        input_bytes=known.body_bytes,
        max_tokens=shape.max_tokens,
        choices=shape.choices,
        hour=at.hour,
        weekday=at.weekday(),
        budget_left_nanos=holds.left(principal.team) if known.team.budget else None,
        latency_ms=board.latency_ms(sorted(snapshot.targets)) if snapshot.orders_by_latency else (),
    )
