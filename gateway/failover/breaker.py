"""A circuit breaker as a value: open for a while after failures in a row; one more failure opens it for longer."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

THRESHOLD: Final = 5
FIRST_PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 60.0


class Verdict(Enum):
    """What one call says of its endpoint's health."""

    HEALTHY = auto()
    FAILED = auto()
    UNKNOWN = auto()
    """The call ended without a result."""


@dataclass(frozen=True, slots=True)
class Paused:
    """An endpoint that a worker keeps calls away from, for so many seconds more."""

    target: str
    endpoint: str
    seconds: float
    saturated: bool = False
    """It said that it has too much to do; else it failed."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """State of one endpoint. Times are seconds of a monotonic clock."""

    failures: int = 0
    open_until: float = 0.0
    pause: float = FIRST_PAUSE_S

    def allows(self, now: float) -> bool:
        """Return whether a call may be made."""
        return now >= self.open_until

    def failed(self, now: float, *, retry_after: float | None = None) -> "Breaker":
        """Return the state after a failure; a ``Retry-After`` opens at once and for that long."""
        if retry_after is not None:
            until = max(self.open_until, now + min(retry_after, LONGEST_PAUSE_S))
            return Breaker(self.failures, until, self.pause)
        failures = self.failures + 1
        if failures < THRESHOLD:
            return Breaker(failures, self.open_until, self.pause)
        return Breaker(failures, now + self.pause, min(self.pause * 2, LONGEST_PAUSE_S))

    def succeeded(self) -> "Breaker":
        """Return the state after a success."""
        return Breaker()
