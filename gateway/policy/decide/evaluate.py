"""How a decision is made: candidates, hard rules, substitution and rollouts, order. No health: that is not policy."""

from collections.abc import Iterable, Sequence

from gateway.domain.decision import Decision, Dropped, Ranked, Reason
from gateway.domain.facts import Facts, canonical, digest
from gateway.domain.target import Target
from gateway.policy.decide.hard_rules import HardRules
from gateway.policy.decide.plan import Planned, plan_for
from gateway.policy.decide.rollout import in_share
from gateway.policy.permission import Permission, permission
from gateway.policy.rules import Bid
from gateway.policy.rules.budget import unpaid
from gateway.policy.snapshot import Model, Ordering, PolicySnapshot, Rollout

Key = list[float | str]
"""What a candidate is sorted by; it ends with the target's id, which is unique, so there are no ties."""


def decide(snapshot: PolicySnapshot, facts: Facts, facts_digest: str = "", rules: HardRules | None = None) -> Decision:
    """Decide on one request.

    Args:
        snapshot: the policy.
        facts: all that it may look at.
        facts_digest: the short name of the facts, if it is known already.
        rules: evaluate all rules anew, not by the plan of calls that are alike; the decision is the same.

    Raises:
        ModelNotFound: no model of the policy has the asked name.
    """
    plan = plan_for(snapshot, facts)
    evaluation = _Evaluation(snapshot, facts, rules or Planned(plan, facts))
    return evaluation.decision(plan.model, facts_digest or digest(canonical(facts.as_json())))


def permitted(snapshot: PolicySnapshot, facts: Facts) -> list[Target]:
    """Return the targets that :func:`decide` ranks, in their order, without the record of why.

    Raises:
        ModelNotFound: no model of the policy has the asked name.
    """
    plan = plan_for(snapshot, facts)
    return [bid.target for bid in _Evaluation(snapshot, facts, Planned(plan, facts)).choice(plan.model)[0]]


def refusals(snapshot: PolicySnapshot, facts: Facts, bid: Bid) -> list[Dropped]:
    """Return every rule that would drop a candidate, not only the first; observed ones too."""
    return [refused.dropped(bid.target) for refused in HardRules(snapshot, facts).refusals(bid)]


class _Evaluation:
    """One request on its way through the steps."""

    __slots__ = ("alarms", "facts", "pinned", "rollout", "rules", "snapshot", "team", "would_drop")

    def __init__(self, snapshot: PolicySnapshot, facts: Facts, rules: HardRules | Planned) -> None:
        self.snapshot = snapshot
        self.facts = facts
        self.team = snapshot.teams.get(facts.team)
        self.rules = rules
        self.alarms: list[str] = []
        self.would_drop: list[Dropped] = []
        self.rollout: Rollout | None = None
        self.pinned: tuple[str, ...] = ()
        """Targets that come before any order: the rollout's, then the incumbent."""

    def choice(self, model: Model) -> tuple[list[Bid], dict[str, Dropped], Reason, str]:
        """Go through the steps: return the permitted targets in order, why others are not, and what decided."""
        facts, rules, bids = self.facts, self.rules, self.rules.bids(self.candidates(model))
        orderings, failed = rules.orderings()
        self.alarms += failed
        drops: dict[str, Dropped] = {}
        order: list[tuple[Key, Bid]] = []
        for bid in bids:
            for refused in rules.dropping(bid):
                if refused.observed:
                    self.would_drop.append(refused.dropped(bid.target))
                else:
                    drops[bid.target.id] = refused.dropped(bid.target)
            key: Key = []
            for ordering in orderings:
                key.append(ordering.rule.key(bid, facts))
            key.append(bid.target.id)
            order.append((key, bid))
        order.sort()
        remaining = [bid for _, bid in order if bid.target.id not in drops]
        if self.pinned:
            first = next((name for name in self.pinned if name not in drops), None)
            remaining.sort(key=lambda bid: bid.target.id != first)
        reason, rule = self.reason(orderings, order, drops)
        if reason == "budget":
            instead = self.downgrades(drops)
            remaining.sort(key=lambda bid: bid.target.id not in instead)
        return remaining, drops, reason, rule

    def decision(self, model: Model, facts_digest: str) -> Decision:
        """Return what was chosen, with all that explains it."""
        snapshot, facts = self.snapshot, self.facts
        remaining, drops, reason, rule = self.choice(model)
        rollout = self.rollout
        conditional = self.conditional(remaining) if facts.parts or facts.exceptions else []
        moved = rollout is not None and bool(remaining) and remaining[0].target.id == rollout.to
        return Decision(
            model=facts.model,
            ranked=tuple([_ranked(bid) for bid in remaining]),
            dropped=tuple(drops.values()),
            reason=reason if remaining else None,
            rule=rule,
            policy=snapshot.hash,
            facts=facts_digest,
            rollout=rollout.id if moved and rollout is not None else "",
            would_drop=tuple(self.would_drop),
            alarms=tuple(self.alarms),
            masked=tuple([name for name, one in conditional if one.masked]) if conditional else (),
            excepted=tuple([(name, one.exception) for name, one in conditional if one.exception])
            if conditional
            else (),
        )

    def candidates(self, model: Model) -> Iterable[str]:
        """Return the ids of the candidates, sorted: those of the model, and the rollout's target."""
        if model.substitution == "free" or model.incumbent is None:
            return model.candidates
        self.pinned = (model.incumbent,)
        rollout = self.rollout_for(model)
        if rollout is None:
            return model.candidates
        self.rollout = rollout
        self.pinned = (rollout.to, model.incumbent)
        return model.candidates if rollout.to in model.candidates else sorted((*model.candidates, rollout.to))

    def rollout_for(self, model: Model) -> Rollout | None:
        """Return the rollout in whose share the caller is: the first whose condition holds, or none."""
        for rollout in self.snapshot.rollouts.get(model.name, ()):
            verdict = rollout.when is None or self.rules.verdict(rollout.when)
            if verdict is None:
                self.alarms.append(rollout.id)
            elif verdict:
                return rollout if in_share(rollout, self.facts) else None
        return None

    def downgrades(self, drops: dict[str, Dropped]) -> set[str]:
        """Return the `downgrade` targets of the budgets that dropped a candidate."""
        bids = self.rules.bids([name for name, drop in drops.items() if drop.reason == "budget"])
        return {short.budget.downgrade for bid in bids for short in unpaid(bid, self.facts, self.team)}

    def conditional(self, permitted: list[Bid]) -> list[tuple[str, Permission]]:
        """Return the permitted targets that may not see the request as it is, with the way in which they may."""
        facts = self.facts
        if self.snapshot.observes(facts.team):
            return []
        found = [(bid.target.id, permission(bid.target, facts, self.team)) for bid in permitted]
        return [(name, one) for name, one in found if one.masked or one.exception]

    def reason(
        self, rules: Sequence[Ordering], order: list[tuple[Key, Bid]], drops: dict[str, Dropped]
    ) -> tuple[Reason, str]:
        """Return why the would-be first was not taken, else what put it first; and the rule's id."""
        would_be = self.pinned[0] if self.pinned else order[0][1].target.id
        drop = drops.get(would_be)
        if drop is not None:
            return drop.reason, drop.rule
        if self.rollout is not None:
            return "rollout", self.rollout.id
        if len(order) == 1:
            return "only_candidate", ""
        if self.pinned:
            return "order", "incumbent"
        first, second = order[0][0], order[1][0]
        for place, ordering in enumerate(rules):
            if first[place] != second[place]:
                return ordering.rule.reason, ordering.rule.name
        return "order", "target_id"


def _ranked(bid: Bid) -> Ranked:
    return Ranked(bid.target.id, bid.target.zone, bid.expected, bid.hold, bid.quality)
