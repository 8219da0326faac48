"""``dialect``: always active. The egress bridges dialects to vendors, but not to servers of the sglang kind."""

from typing import ClassVar, Literal

from gateway.domain.decision import Reason
from gateway.domain.facts import Facts
from gateway.domain.team import Team
from gateway.policy.rules.base import Bid, HardRule


class DialectRule(HardRule):
    """Drops targets that do not speak the caller's dialect. It cannot be listed: it is a fact, not a choice."""

    reason: ClassVar[Reason] = "capability"
    shared: ClassVar[bool] = True
    kind: Literal["dialect"] = "dialect"

    def refusal(self, bid: Bid, facts: Facts, team: Team | None) -> str | None:
        """Refuse servers of another dialect that nothing translates for."""
        del team
        target = bid.target
        if target.is_bridged or target.speaks(facts.dialect):
            return None
        if target.dialects:
            return f"it speaks {', '.join(target.dialects)}, not {facts.dialect}"
        return f"a local server of kind {target.kind} does not speak {facts.dialect}"
