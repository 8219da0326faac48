"""``input``: always active. A model that takes no files is given none: its server would refuse them, or drop them."""

from typing import ClassVar, Literal

from gateway.domain.decision import Reason
from gateway.domain.facts import Facts
from gateway.domain.target import FILES
from gateway.domain.team import Team
from gateway.policy.rules.base import Bid, HardRule


class InputRule(HardRule):
    """Drops targets that do not take a PDF or file of the request. It cannot be listed: it is a fact, not a choice."""

    reason: ClassVar[Reason] = "capability"
    kind: Literal["input"] = "input"

    def refusal(self, bid: Bid, facts: Facts, team: Team | None) -> str | None:
        """Refuse models without the input kind."""
        del team
        if not facts.needs:
            return None
        lacking = [need for need in facts.needs if need in FILES and not bid.target.can(need)]
        return f"does not take {', '.join(lacking)}" if lacking else None
