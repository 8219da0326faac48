"""``dialect``: always active. What a target does not speak is translated for it, where a translation is built."""

from typing import ClassVar, Literal

from gateway.domain.decision import Reason
from gateway.domain.facts import Facts
from gateway.domain.team import Team
from gateway.policy.rules.base import Bid, HardRule


class DialectRule(HardRule):
    """Drops targets that take neither the caller's dialect nor a translation of it.

    It cannot be listed: it is a fact, not a choice.
    """

    reason: ClassVar[Reason] = "capability"
    shared: ClassVar[bool] = True
    kind: Literal["dialect"] = "dialect"

    def refusal(self, bid: Bid, facts: Facts, team: Team | None) -> str | None:
        """Refuse servers of another dialect that nothing translates for."""
        del team
        target = bid.target
        if target.sent_as(facts.dialect) is not None:
            return None
        if target.dialects:
            return f"it speaks {', '.join(target.dialects)}, not {facts.dialect}"
        return f"a server of kind {target.kind} does not speak {facts.dialect}"
