"""``burn_rate``: local targets first while a budget is spent too fast."""

from typing import Literal

from gateway.domain.budget import Payer
from gateway.domain.decision import Reason
from gateway.domain.facts import Facts
from gateway.estimation.burn import governs
from gateway.policy.block import Positive
from gateway.policy.rules.base import Bid, OrderingRule


class BurnRateRule(OrderingRule):
    """Prefers local targets while spending is ``over`` times faster than the rest of the budget allows.

    It stops below half of that. Like every ordering rule it only affects models whose ``substitution`` is ``free``, and
    only reorders permitted targets.
    """

    kind: Literal["burn_rate"]
    budget: Payer = "team"
    """Whose budget in dollars; of several the fastest counts."""
    over: Positive
    prefer: Literal["local"] = "local"

    @property
    def reason(self) -> Reason:
        """Return that it is a matter of money."""
        return "budget"

    def holds(self, facts: Facts) -> bool:
        """Return whether the budget is spent too fast; whether it was before is a fact."""
        pace = dict(facts.pace).get(self.budget, 0)
        return governs(pace, float(self.over), before=self.name in facts.governed)

    def key(self, bid: Bid, facts: Facts) -> float:
        """Return 0 for what comes first: everything alike while the budget lasts."""
        return float(bid.target.zone != self.prefer) if self.holds(facts) else 0.0
