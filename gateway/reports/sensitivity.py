"""What sensitivity did to requests: sent as they are, masked, moved, refused; and what enforcing would have done.

The way from ``observe`` to ``enforce``: look at what would have been moved or refused, with the decisions to look up.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

By = Literal["team", "kind", "key"]
EFFECTS: Final = ("as_is", "masked", "moved", "refused", "would_move", "would_refuse")
EXAMPLES: Final = 3
_REASON: Final = "sensitivity"
_REFUSED: Final = "no_permitted_route"
_WITH_NAMES: Final = frozenset({"custom", "word_list", "unscannable", "sealed"})
"""Kinds of evidence whose names matter."""
_LIFTED: Final = "exception"
METHOD: Final = (
    "Requests in which something was found, now or earlier in their conversation; --by kind counts one in the row of "
    "each of its kinds. moved: a target was dropped for sensitivity, another one served. would_move, would_refuse: "
    "what enforcing would have done for teams that are observed."
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One decision, as the ledger has it."""

    id: str
    team: str
    key: str
    outcome: dict[str, Any]
    evidence: list[dict[str, Any]]
    target: str
    """That served; empty if none did."""
    error: str


@dataclass(slots=True)
class Row:
    """What sensitivity did to the requests of a team, key or kind."""

    requests: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(EFFECTS, 0))
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, effect: str, decision: str) -> None:
        """Count one request."""
        self.requests += 1
        self.counts[effect] += 1
        some = self.examples.setdefault(effect, [])
        if len(some) < EXAMPLES:
            some.append(decision)


def rows(seen: Iterable[Seen], by: By) -> list[dict[str, Any]]:
    """Return a row a team, key or kind, the one with the most requests first."""
    found: dict[str, Row] = {}
    for one in seen:
        kinds = kinds_of(one.evidence)
        if not kinds:
            continue
        effect = effect_of(one)
        for name in kinds if by == "kind" else [one.team if by == "team" else one.key]:
            found.setdefault(name, Row()).add(effect, one.id)
    ordered = sorted(found.items(), key=lambda item: (-item[1].requests, item[0]))
    return [{by: name, "requests": row.requests, **row.counts, "examples": row.examples} for name, row in ordered]


def effect_of(one: Seen) -> str:
    """Return what sensitivity did to a request."""
    if one.error == _REFUSED:
        return "refused" if _for_sensitivity(one.outcome.get("dropped", ())) else "as_is"
    observed = _for_sensitivity(one.outcome.get("would_drop", ()))
    if observed:
        left = [ranked for ranked in one.outcome.get("ranked", ()) if ranked["target"] not in observed]
        if one.target in observed:
            return "would_move" if left else "would_refuse"
    if one.target and one.target in one.outcome.get("masked", ()):
        return "masked"
    return "moved" if one.target and _for_sensitivity(one.outcome.get("dropped", ())) else "as_is"


def _for_sensitivity(drops: Iterable[dict[str, Any]]) -> set[str]:
    return {drop["target"] for drop in drops if drop["reason"] == _REASON}


def kinds_of(evidence: Iterable[dict[str, Any]]) -> list[str]:
    """Return the kinds of what was found, each once, sorted; ``session:`` before one that an earlier request held."""
    kinds = set()
    for one in evidence:
        detector = str(one["detector"])
        before, detector = ("session:", detector[8:]) if detector.startswith("session:") else ("", detector)
        kind = detector.partition(":")[0]
        if kind != _LIFTED:
            kinds.add(before + (detector if kind in _WITH_NAMES else kind))
    return sorted(kinds)
