"""How many days the ledger's volume lasts at the pace of the last week. Pure: sizes and counts in, days out."""

from dataclasses import dataclass
from typing import Final

DAYS: Final = 7
"""The pace is that of so many days."""
AGAIN: Final = 1.25
"""An alert has ended once there are so many times the days that it began at."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the ledger holds, and how fast it grows."""

    bytes: int
    """Of the database, without room in it that is free."""
    requests: int
    """That the database still has one by one."""
    recent: int
    """Requests of the last days."""
    days: float
    """How many days those are: up to :data:`DAYS`, less on a young ledger."""

    @property
    def bytes_a_day(self) -> float:
        """Return how much is added a day; 0 if nothing is known of it."""
        if not self.requests or self.days <= 0:
            return 0.0
        return self.bytes / self.requests * self.recent / self.days


def days_left(held: Held, free: int) -> float | None:
    """Return the days until so many free bytes are used up; None if the ledger does not grow."""
    growth = held.bytes_a_day
    return max(0, free) / growth if growth > 0 else None


class RoomWatch:
    """Decides when an alert begins and ends; it is repeated on each day that it lasts."""

    def __init__(self, least: float) -> None:
        """``least``: an alert begins below so many days; 0 never."""
        self._least = least
        self._day = ""

    def look(self, days: float | None, day: str) -> str:
        """Return ``ledger_fills``, ``ledger_recovered`` or nothing; ``day`` is today's date."""
        if days is not None and days < self._least:
            if day == self._day:
                return ""
            self._day = day
            return "ledger_fills"
        if self._day and (days is None or days >= self._least * AGAIN):
            self._day = ""
            return "ledger_recovered"
        return ""
