"""A team: who pays, what its texts are worth protecting, and what its calls are paid from."""

from dataclasses import dataclass

from gateway.domain.budget import Budget, RateLimit
from gateway.domain.exceptions import PolicyException
from gateway.domain.label import DataClass


@dataclass(frozen=True, slots=True)
class Team:
    """A team as policy names it."""

    id: str
    default_class: DataClass
    reference: str | None = None
    """The target that the team's savings are measured against."""
    owner: str = ""
    cost_center: str = ""
    budgets: tuple[Budget, ...] = ()
    """Those that its calls are paid from: the organization's, its own, those of its keys."""
    exceptions: tuple[PolicyException, ...] = ()
    """Those that name this team, in force or not."""
    rate_limits: tuple[RateLimit, ...] = ()

    def paying(self, key: str) -> tuple[Budget, ...]:
        """Return the budgets of a key's calls: one that names the key replaces those for every key of the team."""
        if not self.budgets:
            return ()
        own = any(budget.key == key for budget in self.budgets if budget.key)
        wanted = {key} if own else {""}
        return tuple([one for one in self.budgets if one.payer != "key" or one.key in wanted])

    def limiting(self, key: str) -> tuple[RateLimit, ...]:
        """Return the rate limits of a key's calls, likewise."""
        if not self.rate_limits:
            return ()
        own = any(limit.key == key for limit in self.rate_limits if limit.key)
        wanted = {key} if own else {""}
        return tuple([one for one in self.rate_limits if one.payer != "key" or one.key in wanted])
