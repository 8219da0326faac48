"""Which alert is sent next, and when: each is retried on its own schedule, so one that fails blocks no other.

While nothing answers at all, one alert at a time is the probe, with pauses that grow; the first one that gets through
makes all that waited due at once.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

MOST: Final = 1000
"""Alerts that wait at most; the oldest is dropped first."""
KEPT_S: Final = 3 * 86400.0
"""An alert that could not be delivered for this long is dropped."""
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 300.0


@dataclass(slots=True, eq=False)
class Waiting:
    """One alert that is not delivered yet."""

    alert: dict[str, Any]
    since: float
    due: float
    pause: float


class AlertQueue:
    """Pure: time is an argument, in seconds that never go back."""

    def __init__(self, alerts: Sequence[dict[str, Any]], now: float) -> None:
        self._waiting = [Waiting(alert, now, now, FIRST_PAUSE_S) for alert in alerts[-MOST:]]
        self._away_until = now
        self._away_pause = FIRST_PAUSE_S

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the alerts that are not delivered yet, oldest first."""
        return (one.alert for one in self._waiting)

    def put(self, alert: dict[str, Any], now: float) -> dict[str, Any] | None:
        """Add an alert; return the one that had to go for it, if any."""
        self._waiting.append(Waiting(alert, now, now, FIRST_PAUSE_S))
        return self._waiting.pop(0).alert if len(self._waiting) > MOST else None

    def next(self, now: float) -> tuple[Waiting | None, float]:
        """Return the alert to send now, the one that is due for the longest; else None and the seconds until one is."""
        if not self._waiting:
            return None, math.inf
        first = min(self._waiting, key=lambda one: one.due)
        wait = max(first.due, self._away_until) - now
        return (None, wait) if wait > 0 else (first, 0.0)

    def done(self, one: Waiting, now: float) -> None:
        """Take an alert out: it was delivered, or refused. The receiver is there, so that what waited is due."""
        self._remove(one)
        if self._away_pause > FIRST_PAUSE_S:
            self._away_pause, self._away_until = FIRST_PAUSE_S, now
            for other in self._waiting:
                other.due, other.pause = min(other.due, now), FIRST_PAUSE_S

    def failed(self, one: Waiting, now: float, *, away: bool) -> bool:
        """Plan the next try; False if the alert is given up.

        Args:
            one: the alert.
            now: seconds that never go back.
            away: nothing answered, so the others are not tried for a while either.
        """
        if now - one.since >= KEPT_S:
            self._remove(one)
            return False
        one.due = now + one.pause
        one.pause = min(2 * one.pause, LONGEST_PAUSE_S)
        if away:
            self._away_until = now + self._away_pause
            self._away_pause = min(2 * self._away_pause, LONGEST_PAUSE_S)
        return True

    def _remove(self, one: Waiting) -> None:
        """Take out what may have been dropped meanwhile for a newer one."""
        if one in self._waiting:
            self._waiting.remove(one)
