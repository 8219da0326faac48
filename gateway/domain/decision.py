"""A decision: which targets may take the request, in which order, and why each other one may not."""

from typing import Any, Final, Literal, get_args

import orjson
from msgspec import Struct, structs

from gateway.domain.target import Zone

Reason = Literal[
    "failover",
    "spillover",
    "sensitivity",
    "policy",
    "capability",
    "budget",
    "quality",
    "rollout",
    "cost",
    "latency",
    "order",
    "only_candidate",
]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)
"""The closed list; the first one that applies is reported."""

_ADDED: Final = ("masked", "excepted")
"""Fields that came later: left out where they are empty, so that a replay of an older decision gives its bytes."""


class Ranked(Struct, frozen=True):
    """A permitted target with what policy thought of it."""

    target: str
    zone: Zone
    expected_nanos: int
    hold_nanos: int
    quality: float | None


class Dropped(Struct, frozen=True):
    """A target that may not take the request. ``rule`` is the rule's id; ``why`` its author's words, if any."""

    target: str
    rule: str
    reason: Reason
    detail: str
    why: str = ""


class Decision(Struct, frozen=True):
    """The outcome of policy for one request. Equal facts and equal policy give equal bytes."""

    model: str
    ranked: tuple[Ranked, ...]
    dropped: tuple[Dropped, ...]
    reason: Reason | None
    """Why ``ranked[0]`` is first; None if nothing is permitted."""
    rule: str
    policy: str
    facts: str
    rollout: str = ""
    """Id of the rollout whose share the caller is in, if one moved it."""
    would_drop: tuple[Dropped, ...] = ()
    """What ``sensitivity.mode: observe`` would have dropped."""
    alarms: tuple[str, ...] = ()
    """Ids of ordering rules that failed and were skipped."""
    masked: tuple[str, ...] = ()
    """Permitted targets that may only see the request with its findings masked."""
    excepted: tuple[tuple[str, str], ...] = ()
    """(target, exception) for permitted targets that may see the request by an exception alone."""

    @property
    def shown_reason(self) -> Reason | None:
        """The reason that callers see; if nothing is permitted, why the first candidate was dropped."""
        return self.reason or next((drop.reason for drop in self.dropped if drop.rule == self.rule), None)

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        data = structs.asdict(self)
        for name in ("ranked", "dropped", "would_drop"):
            data[name] = [structs.asdict(one) for one in data[name]]
        for name in _ADDED:
            if not data[name]:
                del data[name]
        return data

    def canonical(self) -> bytes:
        """Return the bytes that a replay must reproduce: fields in the order in which they are here.

        Ledgers hold these bytes, so the order of the fields is part of the contract: new ones go to the end.
        """
        return orjson.dumps(self.as_json())
