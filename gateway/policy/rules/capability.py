"""``capability``: what the request needs, the target must be able to do."""

from typing import ClassVar, Literal

from gateway.domain.decision import Reason
from gateway.domain.facts import Facts
from gateway.domain.team import Team
from gateway.policy.rules.base import Bid, HardRule


class CapabilityRule(HardRule):
    """Drops targets that lack a needed capability or whose context window is too small."""

    reason: ClassVar[Reason] = "capability"
    kind: Literal["capability"]

    def refusal(self, bid: Bid, facts: Facts, team: Team | None) -> str | None:
        """Refuse targets that could not do it."""
        del team
        target = bid.target
        if facts.needs:
            lacking = [need for need in facts.needs if not target.can(need)]
            if lacking:
                return f"cannot do {', '.join(lacking)}"
        asked = bid.output if facts.max_tokens else 0
        if facts.input_tokens + asked > target.context_window:
            return f"{facts.input_tokens} + {asked} tokens, context window {target.context_window}"
        return None
