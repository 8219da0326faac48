"""Everything that policy may look at, gathered into facts; texts and names of people only as salted hashes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from gateway.domain.facts import Facts
from gateway.domain.label import Label
from gateway.domain.money import Nanos
from gateway.domain.team import Team
from gateway.estimation.tokens import estimate_tokens
from gateway.pipeline.label import Asked, Labelled
from gateway.pipeline.salt import Salt
from gateway.policy.snapshot import Snapshot

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_TASK: Final = 64
"""It goes to the ledger and is a group of reports: a word, not a text."""


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

    asked: Asked
    team: Team
    labelled: Labelled
    body_bytes: int


def gather(known: Gathering, snapshot: Snapshot, holds: Budgets, board: Latencies, salt: Salt) -> Facts:
    """Return the facts of a request."""
    inbound, shape, principal = known.asked.inbound, known.asked.shape, known.asked.principal
    headers, at = inbound.headers, datetime.fromtimestamp(inbound.received_ns / 1e9, UTC)
    labelled, masks = known.labelled, snapshot.masks
    return Facts(
        team=principal.team,
        key=principal.key,
        model=shape.model,
        dialect=inbound.dialect.name,
        task=snapshot.task_for(
            header=(headers.get("x-gateway-task") or "").strip()[:LONGEST_TASK],
            user_agent=headers.get("user-agent") or "",
            team=principal.team,
            model=shape.model,
            key=principal.key,
        ),
        user=salt.hash("user", principal.team, shape.user),
        session=labelled.conversation.id.removeprefix("s:"),
        conversation=salt.hash("conversation", principal.team, shape.opening),
        label=labelled.label,
        stream=shape.stream,
        has_tools=shape.has_tools,
        has_images=shape.has_images,
        needs=shape.needs,
        input_tokens=estimate_tokens(labelled.text_bytes),
        input_bytes=known.body_bytes,
        max_tokens=shape.max_tokens,
        choices=shape.choices,
        hour=at.hour,
        weekday=at.weekday(),
        budget_left_nanos=holds.left(principal.team) if known.team.budget else None,
        latency_ms=board.latency_ms(sorted(snapshot.targets)) if snapshot.orders_by_latency else (),
        floor=labelled.floor if masks else Label(),
        parts=labelled.parts if masks else (),
        sealed=labelled.sealed,
        exceptions=tuple(sorted(one.id for one in labelled.exceptions if one.targets)),
        day=(at - _EPOCH).days if snapshot.dated else 0,
        service_tier=shape.service_tier,
    )
