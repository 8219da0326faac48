"""``license``: models whose licence does not let a company use them."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gateway.domain.decision import Reason
from gateway.domain.facts import Facts
from gateway.domain.target import CommercialUse
from gateway.domain.team import Team
from gateway.policy.rules.base import Bid, HardRule


class LicenseRule(HardRule):
    """Drops targets by what their licence says of commercial use; a vendor's API without one is not touched."""

    reason: ClassVar[Reason] = "policy"
    certain: ClassVar[bool] = True
    shared: ClassVar[bool] = True
    kind: Literal["license"]
    deny: Annotated[tuple[CommercialUse, ...], Field(min_length=1)]

    def refusal(self, bid: Bid, facts: Facts, team: Team | None) -> str | None:
        """Refuse targets whose licence is of a denied kind."""
        del facts, team
        held = bid.target.license
        if held is None or held.commercial_use not in self.deny:
            return None
        return f"licence {held.id}: commercial use {held.commercial_use}"
