"""What a decision looks up once for all calls that are alike: which rules can still refuse a target, and which order.

Calls are alike if policy sees the same in them but for size, money, speed and who talks: same team, model, dialect,
task, label and so on, and same values of the other fields that its conditions read. For them a snapshot keeps a
:class:`Plan`; the evaluator of :mod:`gateway.policy.decide.hard_rules` is the reference that every plan must equal.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from gateway.domain.errors import ModelNotFound
from gateway.domain.facts import Facts
from gateway.domain.target import Target
from gateway.domain.team import Team
from gateway.estimation.cost import estimates
from gateway.policy.conditions import SHARED, Condition
from gateway.policy.decide.hard_rules import UNKNOWN, HardRules, Refused, Verdict, Verdicts
from gateway.policy.rules import Bid
from gateway.policy.snapshot import Hard, Model, Ordering, PolicySnapshot

MOST: Final = 2048
"""Plans that a snapshot keeps; a policy with 20 targets takes about 8 KB for one."""
LONGEST: Final = 256
"""Characters of model and task together whose plan is kept: a caller chooses both."""


class Check(NamedTuple):
    """A rule that may refuse a target to one of the calls."""

    hard: Hard
    observed: bool
    when: Condition | None
    """What the rule depends on beyond what the calls share; None: it holds."""
    asks: bool
    """The rule must be asked for each call; else it says ``detail``."""
    detail: str | None = None


class Offer(NamedTuple):
    """A target that may serve the calls."""

    target: Target
    quality: float | None
    checks: tuple[Check, ...]
    """What is to be asked before a call may go there; rules that cannot refuse it are left out."""


class Plan(NamedTuple):
    """What holds for all calls that are alike."""

    model: Model
    team: Team | None
    offers: dict[str, Offer]
    """By target, those of rollouts too."""
    orderings: tuple[tuple[Ordering, Condition | Verdict], ...]
    """Ordering rules with what their condition says, or with the condition if it looks further."""
    ordered: tuple[Ordering, ...] | None
    """The same if they hold for every call; None: they must be looked at."""


class Planned:
    """The rules of a policy on one request, by the plan of its like: what :class:`HardRules` says, for less."""

    __slots__ = ("_facts", "_plan", "_verdicts")

    def __init__(self, plan: Plan, facts: Facts) -> None:
        self._facts = facts
        self._plan = plan
        self._verdicts: Verdicts = {}

    def verdict(self, condition: Condition) -> Verdict:
        """Return what a condition says of the facts; None if it cannot be evaluated."""
        text = condition.text
        if text not in self._verdicts:
            self._verdicts[text] = condition.holds(self._facts)
        return self._verdicts[text]

    def bids(self, names: Iterable[str]) -> list[Bid]:
        """Return what candidates would cost and how good they would be."""
        offers, facts, found = self._plan.offers, self._facts, []
        for name in names:
            target, quality, _ = offers[name]
            expected, hold, output = estimates(target, facts)
            found.append(Bid(target, expected, hold, quality, output))
        return found

    def dropping(self, bid: Bid) -> list[Refused]:
        """Return the rules that refuse a candidate, up to the first that counts."""
        found: list[Refused] = []
        for hard, observed, when, asks, detail in self._plan.offers[bid.target.id].checks:
            if when is not None:
                verdict = self.verdict(when)
                if verdict is False:
                    continue
                if verdict is None:
                    found.append(Refused(hard, UNKNOWN, observed))
                    return found
            said = hard.rule.refusal(bid, self._facts, self._plan.team) if asks else detail
            if said is not None:
                found.append(Refused(hard, said, observed))
                if not observed:
                    return found
        return found

    def orderings(self) -> tuple[Sequence[Ordering], list[str]]:
        """Return the ordering rules that hold, and the names of those that are skipped as their condition fails."""
        if self._plan.ordered is not None:
            return self._plan.ordered, []
        said = [
            (one, self.verdict(when) if isinstance(when, Condition) else when) for one, when in self._plan.orderings
        ]
        return [one for one, verdict in said if verdict], [one.rule.name for one, verdict in said if verdict is None]


def plan_for(snapshot: PolicySnapshot, facts: Facts) -> Plan:
    """Return the plan for all calls like this one.

    Raises:
        ModelNotFound: no model of the policy has the asked name.
    """
    likeness: tuple[Any, ...] = snapshot.likeness(facts)
    if facts.parts:
        likeness = (*likeness, tuple([(part.kind, part.label) for part in facts.parts]))
    plan: Plan | None = snapshot.plans.get(likeness)
    if plan is None:
        plan = _plan(snapshot, facts)
        if len(facts.model) + len(facts.task) <= LONGEST:
            if len(snapshot.plans) >= MOST:
                snapshot.plans.clear()
            snapshot.plans[likeness] = plan
    return plan


def _plan(snapshot: PolicySnapshot, facts: Facts) -> Plan:
    model = snapshot.model_for(facts.model)
    if model is None:
        raise ModelNotFound(f"no model `{facts.model}`")
    rules = HardRules(snapshot, facts)
    said = [(ordering, _said(rules, ordering.when)) for ordering in snapshot.ordering]
    said = [(ordering, one) for ordering, one in said if one is not False]
    targets = [snapshot.targets[name] for name in snapshot.reachable[model.name]]
    return Plan(
        model,
        snapshot.teams.get(facts.team),
        {one.id: Offer(one, one.quality_for(facts.task), _checks(snapshot, facts, rules, one)) for one in targets},
        tuple(said),
        tuple([ordering for ordering, _ in said]) if all(one is True for _, one in said) else None,
    )


def _checks(snapshot: PolicySnapshot, facts: Facts, rules: HardRules, target: Target) -> tuple[Check, ...]:
    """Return what is to be asked of each call before it may go to a target, up to a refusal that is sure."""
    team, found = snapshot.teams.get(facts.team), []
    bid = Bid(target, 0, 0, target.quality_for(facts.task))
    for hard in snapshot.hard:
        said, observed = _said(rules, hard.when), rules.observes(hard)
        if said is False:
            continue
        when = said if isinstance(said, Condition) else None
        asks = said is not None and not hard.rule.shared
        detail = UNKNOWN if said is None else None if asks else hard.rule.refusal(bid, facts, team)
        if asks or when is not None or detail is not None:
            found.append(Check(hard, observed, when, asks, detail))
        if detail is not None and when is None and not observed:
            break
    return tuple(found)


def _said(rules: HardRules, when: Condition | None) -> Condition | Verdict:
    """Return what a condition says of all calls that are alike; the condition if it looks at more."""
    if when is None:
        return True
    return rules.verdict(when) if when.uses <= SHARED else when
