"""What a decision that cannot be served is refused with: the same for a running gateway and for a policy's cases."""

from typing import Literal

from gateway.domain.decision import Decision
from gateway.domain.facts import Facts
from gateway.policy.decide.hard_rules import bid_for
from gateway.policy.rules.budget import Unpaid, unpaid
from gateway.policy.snapshot import PolicySnapshot

Refusal = Literal["budget_exceeded", "no_permitted_route"]


def refusal(snapshot: PolicySnapshot, decision: Decision, facts: Facts) -> Refusal | None:
    """Return the code of the refusal; None if the decision permits the request.

    With ``on_exhausted: reject`` a request whose would-be first target cannot be paid is refused, although others
    would be permitted: dropping alone would make ``reject`` mean ``local_only`` (docs/adr/0009).
    """
    if decision.ranked and decision.reason != "budget":
        return None
    exhausted = refusing(snapshot, decision, facts)
    if decision.ranked and all(short.budget.on_exhausted != "reject" for short in exhausted):
        return None
    return "budget_exceeded" if exhausted else "no_permitted_route"


def refusing(snapshot: PolicySnapshot, decision: Decision, facts: Facts) -> list[Unpaid]:
    """Return the limits of budgets for which candidates were dropped."""
    team = snapshot.teams.get(facts.team)
    names = [drop.target for drop in decision.dropped if drop.reason == "budget"]
    bids = [bid_for(snapshot.targets[name], facts) for name in names]
    return [short for bid in bids for short in unpaid(bid, facts, team)]
