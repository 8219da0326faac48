"""``quality_floor``: below this it is not worth trying."""

from typing import ClassVar, Literal

from gateway.domain.decision import Reason
from gateway.domain.facts import Facts
from gateway.domain.team import Team
from gateway.policy.block import Chance
from gateway.policy.rules.base import Bid, HardRule


class QualityFloorRule(HardRule):
    """Drops targets whose quality for the task is below ``min``, or unknown."""

    reason: ClassVar[Reason] = "quality"
    shared: ClassVar[bool] = True
    kind: Literal["quality_floor"]
    min: Chance

    def refusal(self, bid: Bid, facts: Facts, team: Team | None) -> str | None:
        """Refuse what is not known to be good enough."""
        del facts, team
        if bid.quality is not None and bid.quality >= self.min:
            return None
        return f"quality {'unknown' if bid.quality is None else f'{bid.quality:g}'}, floor {self.min:g}"
