"""Forecast of a period from its days so far: simple enough to compute by hand, and with an interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any, Final

from gateway.domain.budget import Account
from gateway.domain.money import usd_text

DAYS: Final = 28
"""Whole weeks, so that weekends weigh as often as they come."""
FEWEST: Final = 3
METHOD: Final = (
    "Forecast: what is spent plus, for each day left, the mean of the whole days before today (28 at most). The "
    "interval is 80 %, from how much those days differ. With fewer than three days there is no forecast."
)
_Z: Final = 1.2816
"""80 % of a normal distribution lie within so many standard deviations."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What will be used at a period's end."""

    low: int
    likely: int
    high: int


@dataclass(frozen=True, slots=True)
class BudgetState:
    """One limit of one budget in its running period."""

    account: Account
    spent: int
    """Nano-dollars or tokens, as the account's unit says; what is running counts at its hold."""
    forecast: Forecast | None


def forecast(daily: Sequence[int], spent: int, days_left: float) -> Forecast | None:
    """Return how a period will end; None if too few days are known.

    Args:
        daily: what each whole day took, oldest first; days on which nothing happened are among them.
        spent: in the period so far.
        days_left: until its end.
    """
    known = daily[-DAYS:]
    if len(known) < FEWEST:
        return None
    mean, spread = fmean(known), stdev(known)
    likely = spent + round(mean * days_left)
    half = round(_Z * spread * math.sqrt(days_left + days_left**2 / len(known)))
    return Forecast(max(spent, likely - half), likely, likely + half)


def record(state: BudgetState) -> dict[str, Any]:
    """Return a state as flat data; money as decimal strings, tokens as numbers."""
    account, expected = state.account, state.forecast
    shown = usd_text if account.unit == "usd" else int
    return {
        "payer": account.budget.payer,
        "owner": account.owner,
        "unit": account.unit,
        "covers": account.budget.covers,
        "per": account.budget.per,
        "period": account.period.name,
        "limit": shown(account.limit),
        "spent": shown(state.spent),
        "left": shown(account.limit - state.spent),
        "spent_share": round(state.spent / account.limit, 6) if account.limit else None,
        "forecast": None if expected is None else shown(expected.likely),
        "forecast_low": None if expected is None else shown(expected.low),
        "forecast_high": None if expected is None else shown(expected.high),
        "on_exhausted": account.budget.on_exhausted,
    }
