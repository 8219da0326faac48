"""``residency``: where data may be processed."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gateway.domain.decision import Reason
from gateway.domain.facts import Facts
from gateway.domain.team import Team
from gateway.policy.block import Ident
from gateway.policy.rules.base import Bid, HardRule


class ResidencyRule(HardRule):
    """Keeps only targets in the named regions; a target of no region is in none of them."""

    reason: ClassVar[Reason] = "policy"
    certain: ClassVar[bool] = True
    shared: ClassVar[bool] = True
    kind: Literal["residency"]
    regions: Annotated[tuple[Ident, ...], Field(min_length=1)]

    def refusal(self, bid: Bid, facts: Facts, team: Team | None) -> str | None:
        """Refuse targets elsewhere."""
        del facts, team
        region = bid.target.region
        if region in self.regions:
            return None
        return f"region {region or 'unknown'}, must be {' or '.join(self.regions)}"
