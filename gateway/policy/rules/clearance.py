"""``clearance``: always active and first. Listing it only gives it a ``why``."""

from typing import ClassVar, Literal

from gateway.domain.decision import Reason
from gateway.domain.facts import Facts
from gateway.domain.team import Team
from gateway.policy.permission import permission
from gateway.policy.rules.base import Bid, HardRule


class ClearanceRule(HardRule):
    """A target sees only labels that it is cleared for."""

    reason: ClassVar[Reason] = "sensitivity"
    certain: ClassVar[bool] = True
    shared: ClassVar[bool] = True
    kind: Literal["clearance"]
    id: Literal["", "clearance"] = ""
    when: None = None

    def refusal(self, bid: Bid, facts: Facts, team: Team | None) -> str | None:
        """Refuse targets whose clearance does not cover the label."""
        return permission(bid.target, facts, team).refusal
