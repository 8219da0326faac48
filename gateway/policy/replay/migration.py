"""What of the calls to vendors our own hardware could take: by team and task, with what holds the rest back.

Pure: stored facts against every local target of a policy, listed for the asked model or not. A request fits if no hard
rule but those about money would refuse a local target, and there is evidence of its quality for the task.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil
from typing import Final

import orjson

from gateway.domain.costs import bucket_of, percentile
from gateway.domain.facts import Facts
from gateway.domain.target import Target
from gateway.policy.decide.evaluate import refusals
from gateway.policy.decide.hard_rules import bid_for
from gateway.policy.replay.backtest import Past
from gateway.policy.rules.base import Bid
from gateway.policy.snapshot import PolicySnapshot
from gateway.pricing.cost import charge, cost

UTILISATIONS: Final = (0.2, 0.4, 0.6)
TOKEN_RATIO: Final = 1.3
"""Tokens that an open model may take for the same answer, until it is measured."""
_MINUTE_NS: Final = 60 * 10**9
_MONEY: Final = frozenset({"budget", "max_cost"})
_CLASS: Final = "class"
NO_EVIDENCE: Final = "no evidence"
NO_TARGET: Final = "no local target"


@dataclass(slots=True)
class Cell:
    """What one team spends at vendors on one task."""

    requests: int = 0
    spend: int = 0
    """Nano-dollars, as charged."""
    fits: int = 0
    fits_spend: int = 0
    saving_low: int = 0
    saving_high: int = 0
    contexts: Counter[int] = field(default_factory=Counter)
    """Requests by bucket of their input tokens."""
    minutes: dict[str, Counter[int]] = field(default_factory=dict)
    """Local target → minute → tokens of what it would take."""
    blockers: Counter[str] = field(default_factory=Counter)

    def plus(self, other: "Cell") -> None:
        """Add another cell."""
        for name in ("requests", "spend", "fits", "fits_spend", "saving_low", "saving_high"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.contexts.update(other.contexts)
        self.blockers.update(other.blockers)
        for target, tokens in other.minutes.items():
            self.minutes.setdefault(target, Counter()).update(tokens)

    @property
    def p95_context(self) -> int:
        """Input tokens of 95 in 100 requests, within 1 %."""
        return round(percentile(self.contexts, 0.95) or 0)

    def peak(self, target: str) -> float:
        """Return the tokens a second of the busiest minute at a target."""
        return max(self.minutes.get(target, {}).values(), default=0) / 60


@dataclass(slots=True)
class Migration:
    """All cells; add one past decision after the other."""

    snapshot: PolicySnapshot
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)

    def add(self, past: Past) -> None:
        """Count a decision; only what a vendor served matters."""
        if past.zone != "closed" or past.usage is None:
            return
        facts = Facts.from_json(orjson.loads(past.facts))
        cell = self.cells.setdefault((past.team, facts.task), Cell())
        tokens = past.usage.input_tokens + past.usage.output_tokens
        cell.requests += 1
        cell.spend += past.cost
        cell.contexts[bucket_of(past.usage.input_tokens)] += 1
        target, blocker = best(self.snapshot, facts)
        if target is None:
            cell.blockers[blocker] += 1
            return
        cell.fits += 1
        cell.fits_spend += past.cost
        minutes = cell.minutes.setdefault(target.id, Counter())
        minutes[past.at_ns // _MINUTE_NS] += tokens
        planned = cost(target.route(past.at_ns, past.usage.input_tokens), past.usage)
        loaded = ceil(charge(target, past.at_ns, past.usage)[0] * TOKEN_RATIO)
        cell.saving_high += past.cost - planned
        cell.saving_low += past.cost - loaded

    def plus(self, other: "Migration") -> None:
        """Add what another part of the past has."""
        for name, cell in other.cells.items():
            self.cells.setdefault(name, Cell()).plus(cell)

    def gpus(self, cell: Cell) -> dict[float, int | None]:
        """Return the GPUs that the peak of a cell needs at each utilisation; None if a target's speed is not known."""
        return {share: self._gpus(cell, share) for share in UTILISATIONS}

    def _gpus(self, cell: Cell, share: float) -> int | None:
        needed = 0
        for name, minutes in cell.minutes.items():
            period = self.snapshot.targets[name].tariff.period(max(minutes) * _MINUTE_NS)
            hour = period.hour if period is not None else None
            if hour is None or not hour.tokens:
                return None
            needed += ceil(cell.peak(name) / (hour.tokens / 3600 / hour.gpus * share))
        return needed


def best(snapshot: PolicySnapshot, facts: Facts) -> tuple[Target | None, str]:
    """Return the cheapest local target that may take a request, else what holds the nearest one back."""
    fitting: list[tuple[int, str]] = []
    held: list[tuple[int, str]] = []
    for target in snapshot.targets.values():
        if target.zone == "local":
            bid = bid_for(target, facts)
            why = list(_blockers(snapshot, facts, bid))
            if why:
                held.append((len(why), why[0]))
            else:
                fitting.append((bid.expected, target.id))
    if fitting:
        return snapshot.targets[min(fitting)[1]], ""
    return None, min(held)[1] if held else NO_TARGET


def _blockers(snapshot: PolicySnapshot, facts: Facts, bid: Bid) -> Iterator[str]:
    for drop in refusals(snapshot, facts, bid):
        if drop.rule in _MONEY or drop.reason in {"budget", "cost"}:
            continue
        if drop.reason == "sensitivity":
            yield _CLASS
        elif drop.reason == "capability":
            yield "context" if "context" in drop.detail or "token" in drop.detail else drop.detail
        else:
            yield drop.reason
    if bid.quality is None:
        yield NO_EVIDENCE
