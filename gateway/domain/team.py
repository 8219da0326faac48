"""A team: who pays, what its texts are worth protecting, and what its calls are paid from."""

from dataclasses import dataclass, field
from typing import Final

from gateway.domain.budget import STEP_NS, Account, Budget, RateLimit, accounts
from gateway.domain.exceptions import PolicyException
from gateway.domain.label import DataClass

MOST_KEYS: Final = 1024
"""Keys whose accounts a team keeps at hand."""


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
    masks_all: bool = False
    """Every kind of finding may be masked for it, at every vendor's target."""
    unscannable: tuple[tuple[str, DataClass], ...] = ()
    """Kinds of unreadable content with a class of their own for it, sorted."""
    _accounts: dict[str, tuple[int, tuple[Account, ...]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Key → the quarter of an hour in which its accounts were last asked for, and these."""

    def paying(self, key: str) -> tuple[Budget, ...]:
        """Return the budgets of a key's calls: one that names the key replaces those for every key of the team."""
        if not self.budgets:
            return ()
        own = any(budget.key == key for budget in self.budgets if budget.key)
        wanted = {key} if own else {""}
        return tuple([one for one in self.budgets if one.payer != "key" or one.key in wanted])

    def accounts(self, key: str, at_ns: int) -> tuple[Account, ...]:
        """Return the accounts that a key's calls are charged to at a time; often there are none."""
        if not self.budgets:
            return ()
        step, known = at_ns // STEP_NS, self._accounts.get(key)
        if known is None or known[0] != step:
            if len(self._accounts) >= MOST_KEYS:
                self._accounts.clear()
            known = self._accounts[key] = (step, accounts(self.paying(key), self.id, key, at_ns))
        return known[1]

    def limiting(self, key: str) -> tuple[RateLimit, ...]:
        """Return the rate limits of a key's calls, likewise."""
        if not self.rate_limits:
            return ()
        own = any(limit.key == key for limit in self.rate_limits if limit.key)
        wanted = {key} if own else {""}
        return tuple([one for one in self.rate_limits if one.payer != "key" or one.key in wanted])
