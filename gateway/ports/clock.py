"""Time as an input."""

from typing import Protocol


class Clock(Protocol):
    """Time as an input."""

    def wall_ns(self) -> int:
        """Return Unix time in nanoseconds."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""
