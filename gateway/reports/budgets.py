"""The state of budgets now: what their payers spent in the current period, from the same sums as the report."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.domain.budget import Account, Payer, accounts
from gateway.domain.costs import CostRow, Grouping
from gateway.domain.team import Team
from gateway.reports.forecast import DAYS, BudgetState, forecast

Used = Mapping[tuple[str, ...], CostRow]
"""Sums by team and key, or by day, team and key."""
_DAY_NS: Final = 86_400_000_000_000
_PAYERS: Final[dict[Grouping, tuple[Payer, ...]]] = {"team": ("organization", "team"), "key": ("key",)}


def states(
    by: Grouping, teams: Mapping[str, Team], now_ns: int, since: Callable[[int], Used], daily: Used
) -> tuple[BudgetState, ...]:
    """Return the budgets of the payers that a report shows; none for a report by anything else than team or key.

    Args:
        by: what the report is grouped by.
        teams: those of the policy.
        now_ns: the running periods are those of this time.
        since: what was used from a time until now, by team and key.
        daily: what was used on whole days before today, by day, team and key.
    """
    wanted = _PAYERS.get(by, ())
    callers = {(team, "") for team in teams} if by == "team" else {names[1:3] for names in daily}
    found: dict[tuple[str, int], Account] = {}
    for team, key in sorted(callers) if wanted else ():
        if team in teams:
            for account in accounts(teams[team].paying(key), team, key, now_ns):
                if account.budget.payer in wanted:
                    found[account.counter, account.limit] = account
    return tuple([_state(account, now_ns, since(account.period.start_ns), daily) for account in found.values()])


def _state(account: Account, now_ns: int, used: Used, daily: Used) -> BudgetState:
    by_day: dict[str, list[tuple[tuple[str, ...], CostRow]]] = {}
    for (day, *names), row in daily.items():
        by_day.setdefault(day, []).append((tuple(names), row))
    series = [_taken(account, by_day.get(day, ())) for day in _days(by_day, now_ns)]
    spent = _taken(account, used.items())
    left = (account.period.end_ns - now_ns) / _DAY_NS
    return BudgetState(account, spent, forecast(series, spent, left))


def _taken(account: Account, rows: Iterable[tuple[tuple[str, ...], CostRow]]) -> int:
    place = {"team": 0, "key": 1}.get(account.budget.payer)
    return sum(_amount(account, row) for names, row in rows if place is None or names[place] == account.owner)


def _amount(account: Account, row: CostRow) -> int:
    everything = account.budget.covers == "all"
    if account.unit == "usd":
        return row.closed_cost + (row.local_cost if everything else 0)
    return row.input_tokens + row.output_tokens - (0 if everything else row.local_tokens)


def _days(known: Mapping[str, object], now_ns: int) -> Sequence[str]:
    """Return the whole days before today, from the first on which anything happened, those without anything too."""
    today = datetime.fromtimestamp(now_ns // 1_000_000_000, UTC).date()
    days = [(today - timedelta(days=back)).isoformat() for back in range(DAYS, 0, -1)]
    first = min(known, default=today.isoformat())
    return [day for day in days if day >= first]
