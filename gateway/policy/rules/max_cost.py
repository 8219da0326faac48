"""``max_cost``: a ceiling for one call."""

from functools import cached_property
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gateway.domain.decision import Reason
from gateway.domain.facts import Facts
from gateway.domain.money import from_usd, usd_text
from gateway.domain.team import Team
from gateway.policy.block import Money
from gateway.policy.rules.base import Bid, HardRule


class MaxCostRule(HardRule):
    """Drops targets where the call would cost more, by the expected cost or by the upper bound (``hold``)."""

    reason: ClassVar[Reason] = "cost"
    kind: Literal["max_cost"]
    usd: Money
    estimate: Annotated[Literal["expected", "hold"], Field()] = "expected"

    @cached_property
    def nanos(self) -> int:
        """The ceiling in nano-dollars."""
        return from_usd(self.usd)

    def refusal(self, bid: Bid, facts: Facts, team: Team | None) -> str | None:
        """Refuse what costs too much."""
        del facts, team
        nanos = bid.expected if self.estimate == "expected" else bid.hold
        if nanos <= self.nanos:
            return None
        return f"{self.estimate} cost {usd_text(nanos)} USD, ceiling {usd_text(self.nanos)} USD"
