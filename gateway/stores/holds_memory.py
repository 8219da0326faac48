"""Budgets in process: exact for one worker, which is all that the embedded default runs."""

from collections.abc import Callable, Mapping

from gateway.domain.errors import BudgetExceeded
from gateway.domain.money import Nanos, usd_text


class MemoryHolds:
    """Spent and held nano-dollars by team, for the calendar month that ``period`` names.

    A hold belongs to the month in which it was taken; its settlement is booked in the month in which it settles.
    """

    def __init__(
        self, limits: Callable[[], Mapping[str, int]], period: Callable[[], str], spent: Mapping[str, int]
    ) -> None:
        """Start with what the ledger says was spent in the running period.

        Args:
            limits: team → budget in nano-dollars, read at each call so that a reloaded policy counts at once.
            period: the running period, e.g. ``2026-11``; when it changes, spending starts at zero.
            spent: team → nano-dollars already spent in the running period.
        """
        self._limits = limits
        self._period = period
        self._current = period()
        self._spent = dict(spent)
        self._held: dict[str, dict[str, int]] = {}

    def left(self, team: str) -> Nanos | None:
        """Return what is neither spent nor held; None if the team has no budget."""
        limit = self._limits().get(team)
        if limit is None:
            return None
        self._turn()
        return Nanos(limit - self._spent.get(team, 0) - sum(self._held.get(team, {}).values()))

    def spent(self, team: str) -> Nanos:
        """Return what the running period has cost so far."""
        self._turn()
        return Nanos(self._spent.get(team, 0))

    async def hold(self, team: str, hold: str, amount: Nanos, *, force: bool = False) -> None:
        """Keep an amount from the team's budget. Idempotent by the hold's id; a forced hold is never refused.

        Raises:
            BudgetExceeded: less than the amount is left; nothing is held.
        """
        held = self._held.setdefault(team, {})
        if hold in held:
            return
        left = self.left(team)
        if left is not None and amount > left and not force:
            limit = self._limits()[team]
            raise BudgetExceeded(
                f"team '{team}' has ${usd_text(max(0, left))} left of its ${usd_text(limit)} for {self._current}, and "
                f"this call may cost up to ${usd_text(amount)}; lower max_tokens, or ask the owner of the budget"
            )
        held[hold] = amount

    async def settle(self, team: str, hold: str, cost: Nanos) -> None:
        """Release a hold and book its true cost. Idempotent; a cost above the hold counts in full."""
        if self._held.get(team, {}).pop(hold, None) is None:
            return
        self._turn()
        self._spent[team] = self._spent.get(team, 0) + cost

    def _turn(self) -> None:
        now = self._period()
        if now != self._current:
            self._current = now
            self._spent.clear()
