"""What a decision looks up once for all calls that are alike: which rules can still refuse a target, and which order.

Calls are alike if policy sees the same in them but for size, money, speed and who talks: same team, model, dialect, task,
label and so on, and same values of the other fields that its conditions read. For them a snapshot keeps a
:class:`Plan`; the evaluator of :mod:`gateway.policy.decide.hard_rules` is the reference that every plan must equal.
"""

from typing import Any, Final, NamedTuple

from gateway.domain.facts import Facts
from gateway.domain.target import Target
from gateway.domain.team import Team
from gateway.policy.conditions import SHARED, Condition
from gateway.policy.decide.hard_rules import UNKNOWN, HardRules, Refused, Verdict, Verdicts
from gateway.policy.rules import Bid
from gateway.policy.snapshot import Hard, Model, Ordering, PolicySnapshot

MOST: Final = 1024
"""Plans that a snapshot keeps."""
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


class Plan(NamedTuple):
    """What holds for all calls that are alike."""

    team: Team | None
    checks: dict[str, tuple[Check, ...]]
    """By target; without rules that cannot refuse it."""
    orderings: tuple[tuple[Ordering, Condition | Verdict], ...]
    """Ordering rules with what their condition says, or with the condition if it looks further."""


class Planned:
    """The rules of a policy on one request, by the plan of its like: what :class:`HardRules` says, for less."""

    __slots__ = ("_facts", "_plan", "_verdicts")

    def __init__(self, snapshot: PolicySnapshot, facts: Facts, model: Model) -> None:
        self._facts = facts
        self._plan = plan_for(snapshot, facts, model)
        self._verdicts: Verdicts = {}

    def verdict(self, condition: Condition) -> Verdict:
        """Return what a condition says of the facts; None if it cannot be evaluated."""
        text = condition.text
        if text not in self._verdicts:
            self._verdicts[text] = condition.holds(self._facts)
        return self._verdicts[text]

    def dropping(self, bid: Bid) -> list[Refused]:
        """Return the rules that refuse a candidate, up to the first that counts."""
        found: list[Refused] = []
        for hard, observed, when, asks, detail in self._plan.checks[bid.target.id]:
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

    def orderings(self) -> list[tuple[Ordering, Verdict]]:
        """Return the ordering rules whose condition holds, or cannot be evaluated (None)."""
        return [
            (ordering, verdict)
            for ordering, said in self._plan.orderings
            if (verdict := self.verdict(said) if isinstance(said, Condition) else said) is not False
        ]


def plan_for(snapshot: PolicySnapshot, facts: Facts, model: Model) -> Plan:
    """Return the plan for all calls like this one."""
    likeness: tuple[Any, ...] = snapshot.likeness(facts)
    if facts.parts:
        likeness = (*likeness, tuple([(part.kind, part.label) for part in facts.parts]))
    plan: Plan | None = snapshot.plans.get(likeness)
    if plan is None:
        plan = _plan(snapshot, facts, model)
        if len(facts.model) + len(facts.task) <= LONGEST:
            if len(snapshot.plans) >= MOST:
                snapshot.plans.clear()
            snapshot.plans[likeness] = plan
    return plan


def _plan(snapshot: PolicySnapshot, facts: Facts, model: Model) -> Plan:
    rules = HardRules(snapshot, facts)
    said = [(ordering, _said(rules, ordering.when)) for ordering in snapshot.ordering]
    return Plan(
        snapshot.teams.get(facts.team),
        {name: _checks(snapshot, facts, rules, snapshot.targets[name]) for name in snapshot.reachable[model.name]},
        tuple([(ordering, one) for ordering, one in said if one is not False]),
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
    return rules.verdict(when) if when.uses <= SHARED.keys() else when
