"""Everything that policy may look at, gathered into facts; texts and names of people only as salted hashes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Protocol

from gateway.domain.budget import Account
from gateway.domain.facts import Facts
from gateway.domain.label import Label
from gateway.domain.team import Team
from gateway.estimation.tokens import estimate_tokens
from gateway.estimation.typical import Typical
from gateway.pipeline.label import Asked, Labelled
from gateway.pipeline.pacing import Pacing
from gateway.pipeline.payment import Used, least_left, paying, used
from gateway.pipeline.salt import Salt
from gateway.policy.snapshot import Snapshot

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_TASK: Final = 64
"""It goes to the ledger and is a group of reports: a word, not a text."""


class Latencies(Protocol):
    """The part of the load board that is a fact."""

    def latency_ms(self, targets: Sequence[str]) -> tuple[tuple[str, int], ...]:
        """Return the recent time to first token of those targets that have one, sorted by id."""


class Around(Protocol):
    """The part of the world that facts come from."""

    @property
    def salt(self) -> Salt:
        """What names of people are hashed with."""

    @property
    def board(self) -> Latencies:
        """What is known of targets' speed."""

    @property
    def state(self) -> Used:
        """What is spent and held."""

    @property
    def typical(self) -> Typical:
        """What calls usually took."""

    @property
    def pacing(self) -> Pacing:
        """How fast budgets went lately."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """What is known of a call before its facts are."""

    asked: Asked
    team: Team
    labelled: Labelled
    body_bytes: int


def gather(known: Gathering, snapshot: Snapshot, world: Around) -> Facts:
    """Return the facts of a request."""
    salt, board = world.salt, world.board
    inbound, shape, principal = known.asked.inbound, known.asked.shape, known.asked.principal
    headers, at = inbound.headers, datetime.fromtimestamp(inbound.received_ns / 1e9, UTC)
    labelled, masks = known.labelled, snapshot.masks
    paid = paying(known.team, principal.key, inbound.received_ns)
    facts = Facts(
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
        budget_left_nanos=least_left(paid, world.state) if paid else None,
        latency_ms=board.latency_ms(sorted(snapshot.targets)) if snapshot.orders_by_latency else (),
        floor=labelled.floor if masks else Label(),
        parts=labelled.parts if masks else (),
        sealed=labelled.sealed,
        exceptions=tuple(sorted(one.id for one in labelled.exceptions if one.targets)),
        day=(at - _EPOCH).days if snapshot.dated else 0,
        service_tier=shape.service_tier,
        used=used(paid, world.state) if paid else (),
        images=shape.images,
        fetches=shape.fetches,
    )
    if _guesses(known.team, paid):
        facts = replace(facts, typical=_typical(facts, snapshot, world))
    return _paced(facts, paid, snapshot, world, inbound.received_ns) if paid and snapshot.governors else facts


def _paced(facts: Facts, paid: Sequence[Account], snapshot: Snapshot, world: Around, at_ns: int) -> Facts:
    rules = snapshot.governors
    pace, before = world.pacing.facts(paid, rules, world.state, at_ns)
    facts = replace(facts, pace=pace, governed=tuple(sorted(before)))
    world.pacing.remember(rules, facts, paid)
    return facts


def _guesses(team: Team, paid: Sequence[Account]) -> bool:
    """Tell whether anything is held or counted by what calls usually take."""
    return any(not one.budget.strict for one in paid) or any(one.tokens is not None for one in team.rate_limits)


def _typical(facts: Facts, snapshot: Snapshot, world: Around) -> tuple[tuple[str, int], ...]:
    model = snapshot.model_for(facts.model)
    names = {*model.candidates, *(one.to for one in snapshot.rollouts.get(model.name, ()))} if model else set()
    return tuple((name, world.typical.output(facts.team, facts.task, name)) for name in sorted(names))
