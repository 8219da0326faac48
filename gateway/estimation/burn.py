"""Burn rates: spending compared with the rest of a budget, alerts over several windows, and the date of exhaustion.

Two measures, for two questions. *Burn* asks whether a window's spending would use the whole budget too early: 1 is the
even pace that ends with the period, 14 spends a month in two days (Google's SRE workbook, "Alerting on SLOs", takes
pairs of windows like ours). *Pace* asks about the rest: 1 spends what is left exactly by the period's end. The governor
acts on pace, because it needs no knowledge of the past, and its set point ends at the budget, not above it.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

DAY_S: Final = 86_400
MILLI: Final = 1000
_SLACK: Final = 1.1
"""Old moments go in bulk."""
_LATEST: Final = 1 << 100
MOST_MILLI: Final = 1_000_000
"""The maximum; more than a thousand times is reported as a thousand."""
EASED: Final = 0.5
"""Hysteresis: below this share of its threshold a governor stops, so it does not flap."""


@dataclass(frozen=True, slots=True)
class BurnWindow:
    """An alert: burning at ``over`` times the even pace for the whole window and in its last part."""

    seconds: int
    over: float
    confirm_s: int

    @property
    def name(self) -> str:
        """E.g. ``6h``."""
        return f"{self.seconds // DAY_S}d" if self.seconds % DAY_S == 0 else f"{self.seconds // 3600}h"


WINDOWS: Final = (BurnWindow(3600, 14, 300), BurnWindow(6 * 3600, 6, 1800), BurnWindow(3 * DAY_S, 1, 6 * 3600))


class SpendTrack:
    """Samples of what one counter had spent, to compute the spending of any recent window."""

    def __init__(
        self, longest_s: int = 8 * DAY_S, step_s: int = 300, moments: Sequence[tuple[float, int]] = ()
    ) -> None:
        """Keep moments at least ``step_s`` apart, as far back as ``longest_s``; start with those of an earlier one."""
        self._longest, self._step = longest_s, step_s
        self._moments: list[tuple[float, int]] = list(moments)

    @property
    def moments(self) -> tuple[tuple[float, int], ...]:
        """Unix seconds and what was spent by then, oldest first."""
        return tuple(self._moments)

    def note(self, at_s: float, spent: int) -> None:
        """Note what is spent in all by now.

        An estimate that was corrected, or a clock that was set back, takes away the moments that it proves wrong.
        """
        moments = self._moments
        while moments and (spent < moments[-1][1] or at_s < moments[-1][0]):
            moments.pop()
        if not moments or at_s - moments[-1][0] >= self._step:
            moments.append((at_s, spent))
            if at_s - moments[0][0] > self._longest * _SLACK:
                del moments[: bisect_right(moments, (at_s - self._longest, 0)) - 1]

    def spent(self, at_s: float, now_spent: int, seconds: int) -> tuple[int, float] | None:
        """Return what was spent in the last seconds, and how many of them are known; None if hardly any.

        Moments that ``now_spent`` or the time proves wrong do not count, as after :meth:`note`.
        """
        moments = self._moments
        known = len(moments)
        while known and (now_spent < moments[known - 1][1] or at_s < moments[known - 1][0]):
            known -= 1
        if not known:
            return None
        since, before = moments[max(0, bisect_right(moments, (at_s - seconds, _LATEST), 0, known) - 1)]
        length = min(float(seconds), at_s - since)
        if length < seconds / 10:
            return None
        whole = at_s - since
        return round((now_spent - before) * length / whole), length

    def daily(self, at_s: float, now_spent: int, days: int = 7) -> list[int]:
        """Return what each of the last whole days took, the newest first, as far as they are known."""
        found: list[int] = []
        for day in range(1, days + 1):
            known = self.spent(at_s, now_spent, day * DAY_S)
            if known is None or known[1] < day * DAY_S:
                break
            found.append(known[0] - sum(found))
        return found


def burn(spent: int, seconds: float, limit: int, period_s: float) -> float:
    """Return how many times the even pace a window's spending is."""
    return spent / limit * period_s / seconds if limit > 0 and seconds > 0 else 0.0


def pace_milli(spent: int, seconds: float, left: int, left_s: float) -> int:
    """Return, in thousandths, how many times too fast a window's spending is for what is left of budget and period."""
    if spent <= 0 or seconds <= 0:
        return 0
    if left <= 0 or left_s <= 0:
        return MOST_MILLI
    return min(MOST_MILLI, round(MILLI * (spent / seconds) / (left / left_s)))


def governs(pace: int, over: float, *, before: bool) -> bool:
    """Return whether a governor acts at a pace (thousandths): from its threshold on, until well below it."""
    return pace >= over * MILLI * (EASED if before else 1)


def burning(track: SpendTrack, at_s: float, spent: int, limit: int, period_s: float) -> dict[str, float]:
    """Return the burn of each alert window that is over its threshold, in the whole window and in its last part."""
    found = {}
    for window in WINDOWS:
        whole, last = track.spent(at_s, spent, window.seconds), track.spent(at_s, spent, window.confirm_s)
        if whole is None or last is None or whole[1] < window.seconds / 2:
            continue
        rates = [burn(part[0], part[1], limit, period_s) for part in (whole, last)]
        if min(rates) >= window.over:
            found[window.name] = rates[0]
    return found


@dataclass(frozen=True, slots=True)
class Exhaustion:
    """When a budget will be gone, in Unix seconds; None: not before its period ends."""

    early: float | None
    expected: float | None
    late: float | None


def exhaustion(at_s: float, left: int, daily: Sequence[int], end_s: float) -> Exhaustion | None:
    """Return when what is left will be gone at the pace of recent days: their highest, median and lowest but one.

    With fewer than five days the interval is that of all of them; without any, None.
    """
    if not daily:
        return None
    days = sorted(daily, reverse=True)
    trim = 1 if len(days) >= 5 else 0  # noqa: PLR2004
    rates = (days[trim], days[len(days) // 2], days[-1 - trim])

    def gone(rate: int) -> float | None:
        if left <= 0:
            return at_s
        when = at_s + left * DAY_S / rate if rate > 0 else None
        return None if when is None or when >= end_s else when

    return Exhaustion(*(gone(rate) for rate in rates))
