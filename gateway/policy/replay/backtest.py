"""A new policy on past decisions: what it would have refused or sent elsewhere, and at what cost.

Pure: facts as they were stored, no text and no model. So labels are those that were found then, by the detectors of
then; health and load are not policy, and are left out on both sides.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import orjson

from gateway.domain.errors import ModelNotFound
from gateway.domain.facts import Facts
from gateway.domain.usage import Usage
from gateway.policy.decide.evaluate import permitted
from gateway.policy.snapshot import PolicySnapshot
from gateway.pricing.cost import charge

NONE: Final = "(none)"
EXAMPLES: Final = 3
COUNTS: Final = (
    "requests",
    "moved",
    "newly_refused",
    "newly_served",
    "newly_leaving",
    "staying_home",
    "may_leave_more",
)


@dataclass(frozen=True, slots=True)
class Past:
    """One decision as the ledger has it."""

    id: str
    at_ns: int
    team: str
    facts: bytes
    outcome: bytes
    usage: Usage | None
    """What the attempt used that served it; None if none did."""
    zone: str = ""
    """Where that was."""
    cost: int = 0
    """What it was charged, in nano-dollars, corrections of later left out."""


@dataclass(slots=True)
class Backtest:
    """What was found, by team; may be added up from several parts."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    moves: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """(team, first target then, first target now) → requests."""
    then_cost: Counter[str] = field(default_factory=Counter)
    """Nano-dollars by team of the decided targets, both by the new policy's prices and the tokens that were used."""
    now_cost: Counter[str] = field(default_factory=Counter)
    priced: Counter[str] = field(default_factory=Counter)
    """Requests by team whose cost is known on both sides."""
    missing: Counter[str] = field(default_factory=Counter)
    """What the new policy looks at and the facts of then do not have → requests."""
    examples: dict[str, list[str]] = field(default_factory=dict)
    """What happened → ids of a few decisions."""

    def add(self, snapshot: PolicySnapshot, past: Past) -> None:
        """Decide one request again and count the differences."""
        facts = Facts.from_json(orjson.loads(past.facts))
        ranked = [(one["target"], one["zone"]) for one in orjson.loads(past.outcome).get("ranked", ())]
        again = _decided(snapshot, facts)
        then, now = ranked[0] if ranked else (NONE, ""), again[0] if again else (NONE, "")
        counts = self.counts.setdefault(past.team, Counter())
        self._note(counts, "requests", past)
        if then[0] != now[0]:
            self.moves[past.team, then[0], now[0]] += 1
            self._note(counts, "moved", past)
        if ranked and not again:
            self._note(counts, "newly_refused", past)
        if again and not ranked:
            self._note(counts, "newly_served", past)
        if now[1] == "closed" and then[1] != "closed":
            self._note(counts, "newly_leaving", past)
        if then[1] == "closed" and now[1] == "local":
            self._note(counts, "staying_home", past)
        if {name for name, zone in again if zone == "closed"} - {name for name, _ in ranked}:
            self._note(counts, "may_leave_more", past)
        self._price(snapshot, past, then[0], now[0])
        for name in _lacking(snapshot, facts):
            self.missing[name] += 1

    def plus(self, other: "Backtest") -> "Backtest":
        """Add another part."""
        for team, counts in other.counts.items():
            self.counts.setdefault(team, Counter()).update(counts)
        for ours, theirs in (
            (self.then_cost, other.then_cost),
            (self.now_cost, other.now_cost),
            (self.priced, other.priced),
            (self.missing, other.missing),
        ):
            ours.update(theirs)
        self.moves.update(other.moves)
        for what, ids in other.examples.items():
            self.examples[what] = (self.examples.get(what, []) + ids)[:EXAMPLES]
        return self

    def _note(self, counts: Counter[str], what: str, past: Past) -> None:
        counts[what] += 1
        ids = self.examples.setdefault(what, [])
        if len(ids) < EXAMPLES:
            ids.append(past.id)

    def _price(self, snapshot: PolicySnapshot, past: Past, then: str, now: str) -> None:
        old, new = snapshot.targets.get(then), snapshot.targets.get(now)
        if past.usage is None or old is None or new is None:
            return
        self.priced[past.team] += 1
        self.then_cost[past.team] += charge(old, past.at_ns, past.usage)[0]
        self.now_cost[past.team] += charge(new, past.at_ns, past.usage)[0]


def _decided(snapshot: PolicySnapshot, facts: Facts) -> list[tuple[str, str]]:
    """Return the ranked targets with their zones; nothing if the policy knows the team or the model no more."""
    if facts.team not in snapshot.teams:
        return []
    try:
        return [(target.id, target.zone) for target in permitted(snapshot, facts)]
    except ModelNotFound:
        return []


def _lacking(snapshot: PolicySnapshot, facts: Facts) -> list[str]:
    """Return what was not gathered then because no rule of then looked at it."""
    team = snapshot.teams.get(facts.team)
    budgets = team is not None and bool(team.budgets)
    needs = (
        ("latency", snapshot.orders_by_latency and not facts.latency_ms),
        ("parts of the label (masking)", bool(snapshot.masks) and not facts.parts and facts.label != facts.floor),
        ("budget", budgets and facts.budget_left_nanos is None),
        ("day (dated prices)", snapshot.dated and not facts.day),
    )
    return [name for name, lacks in needs if lacks]
