"""A team: who pays, what its texts are worth protecting, and how much it may spend."""

from dataclasses import dataclass
from typing import Literal

from gateway.domain.exceptions import PolicyException
from gateway.domain.label import DataClass
from gateway.domain.target import Zone

Covers = Literal["closed", "all"]
OnExhausted = Literal["reject", "local_only"]


@dataclass(frozen=True, slots=True)
class Budget:
    """What a team may spend in a calendar month (UTC)."""

    usd_nanos: int
    per: Literal["month"] = "month"
    covers: Covers = "closed"
    """``closed``: only calls to vendors count; ``all``: those to our own hardware too."""
    on_exhausted: OnExhausted = "reject"
    """``local_only``: go on with local targets; ``reject``: refuse the call."""

    def counts(self, zone: Zone) -> bool:
        """Tell whether a call to this zone is paid from the budget."""
        return self.covers == "all" or zone == "closed"


@dataclass(frozen=True, slots=True)
class Team:
    """A team as policy names it."""

    id: str
    default_class: DataClass
    reference: str | None = None
    """The target that the team's savings are reckoned against."""
    owner: str = ""
    cost_center: str = ""
    budget: Budget | None = None
    exceptions: tuple[PolicyException, ...] = ()
    """Those that name this team, in force or not."""
