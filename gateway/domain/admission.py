"""What a call needs from budgets and rate limits, and the result."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

WINDOW_S: Final = 60
"""Rates are a minute's, sliding by the second: never more than the limit in any 60 seconds."""
LATE_S: Final = 3600
"""How long after its end a hold that was settled at its estimate may still be corrected by its true cost."""
GRACE_S: Final = 2 * 86_400
"""How long a counter is kept after its period: clocks may differ by hours, and calls of the period may still run."""


@dataclass(frozen=True, slots=True)
class BudgetEntry:
    """What a call keeps from one counter of a budget, or what was spent of it, in nano-dollars or tokens."""

    counter: str
    amount: int
    limit: int | None
    """None: counted, never refused."""
    ends: int | None = None
    """When the counter's period ends, in UTC seconds; None if it has none. Some time later it is forgotten."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What a call adds to one rate."""

    counter: str
    unit: Literal["requests", "tokens"]
    limit: int
    amount: int
    """Of tokens what it usually takes; once it is settled, what it took."""
    counted: bool = False
    """True: the request was let in already, so this is counted and never refused."""


@dataclass(frozen=True, slots=True)
class Window:
    """The state of one rate limit."""

    unit: Literal["requests", "tokens"]
    limit: int
    remaining: int
    reset_s: float
    """Seconds until nothing of the window is used any more."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a call may begin: it may if neither ``short`` nor ``wait_s`` is set."""

    short: str = ""
    """The counter of which less than its entry is left."""
    left: int = 0
    """What is left of it."""
    wait_s: int = 0
    """Seconds until the rates have room for such a call."""
    windows: tuple[Window, ...] = ()
    """Of all rates, this call counted."""


@dataclass(frozen=True, slots=True)
class Expired:
    """A hold that outlived its deadline and was booked at what it held."""

    hold: str
    amounts: Mapping[str, int]


class StateUnavailable(Exception):
    """The shared state does not answer: it is unknown what is left."""
