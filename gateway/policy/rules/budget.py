"""``budget``: what the team cannot pay any more is not a candidate."""

from typing import ClassVar, Literal

from gateway.domain.decision import Reason
from gateway.domain.facts import Facts
from gateway.domain.money import usd_text
from gateway.domain.team import Team
from gateway.policy.rules.base import Bid, HardRule


class BudgetRule(HardRule):
    """Drops targets that the team's budget covers when their upper bound is more than what is left.

    With ``on_exhausted: local_only`` local targets stay, even if the budget covers them.
    """

    reason: ClassVar[Reason] = "budget"
    kind: Literal["budget"]

    def refusal(self, bid: Bid, facts: Facts, team: Team | None) -> str | None:
        """Refuse what cannot be paid."""
        left = facts.budget_left_nanos
        if left is None or bid.hold <= left or team is None or team.budget is None:
            return None
        zone = bid.target.zone
        if not team.budget.counts(zone) or (zone == "local" and team.budget.on_exhausted == "local_only"):
            return None
        return f"may cost {usd_text(bid.hold)} USD, {usd_text(left)} USD left"
