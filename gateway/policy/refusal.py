"""What a decision that cannot be served is refused with: told alike by a running gateway and by a policy's cases."""

from typing import Literal

from gateway.domain.decision import Decision
from gateway.domain.team import Team

Refusal = Literal["budget_exceeded", "no_permitted_route"]


def refusal(decision: Decision, team: Team | None) -> Refusal | None:
    """Return the code of the refusal; None if the decision permits the request.

    With ``on_exhausted: reject`` a request whose would-be first target cannot be paid is refused, although others
    would be permitted: dropping alone would make ``reject`` mean ``local_only`` (docs/adr/0009).
    """
    budget = team.budget if team is not None else None
    if decision.ranked and not (budget and budget.on_exhausted == "reject" and decision.reason == "budget"):
        return None
    unpaid = any(drop.reason == "budget" for drop in decision.dropped)
    return "budget_exceeded" if budget and unpaid else "no_permitted_route"
