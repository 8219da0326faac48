"""``dialect``: always in force. Only the egress bridges dialects, and local targets are not behind it."""

from typing import ClassVar, Literal

from gateway.domain.decision import Reason
from gateway.domain.facts import Facts
from gateway.domain.team import Team
from gateway.policy.rules.base import Bid, HardRule


class DialectRule(HardRule):
    """Drops local targets that do not speak the caller's dialect. It cannot be listed: it is a fact, not a choice."""

    reason: ClassVar[Reason] = "capability"
    kind: Literal["dialect"] = "dialect"

    def refusal(self, bid: Bid, facts: Facts, team: Team | None) -> str | None:
        """Refuse local servers of another tongue."""
        del team
        target = bid.target
        if target.zone == "closed":
            return None
        if target.speaks(facts.dialect):
            return None
        return f"a local server of kind {target.kind} does not speak {facts.dialect}"
