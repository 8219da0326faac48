"""``allow``: only these."""

from typing import ClassVar, Literal

from gateway.domain.decision import Reason
from gateway.domain.facts import Facts
from gateway.domain.team import Team
from gateway.policy.rules.base import Bid
from gateway.policy.rules.selection import SelectingRule


class AllowRule(SelectingRule):
    """Where it holds, keeps only the targets it points at."""

    reason: ClassVar[Reason] = "policy"
    certain: ClassVar[bool] = True
    shared: ClassVar[bool] = True
    kind: Literal["allow"]

    def refusal(self, bid: Bid, facts: Facts, team: Team | None) -> str | None:
        """Refuse all other targets."""
        del facts, team
        return None if self.selects(bid.target) else "not among the targets allowed here"
