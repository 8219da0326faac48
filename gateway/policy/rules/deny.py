"""``deny``: not these."""

from typing import ClassVar, Literal

from gateway.domain.decision import Reason
from gateway.domain.facts import Facts
from gateway.domain.team import Team
from gateway.policy.rules.base import Bid
from gateway.policy.rules.selection import SelectingRule


class DenyRule(SelectingRule):
    """Where it holds, drops the targets it points at."""

    reason: ClassVar[Reason] = "policy"
    certain: ClassVar[bool] = True
    shared: ClassVar[bool] = True
    kind: Literal["deny"]

    def refusal(self, bid: Bid, facts: Facts, team: Team | None) -> str | None:
        """Refuse the targets pointed at."""
        del facts, team
        return "denied here" if self.selects(bid.target) else None
