"""The time-outs of one attempt in one timer that moves: first token, idle, total."""

import asyncio
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from gateway.domain.target import NO_TIMEOUTS, Target
from gateway.pipeline.world import Deadlines

LAG: Final = 16


@dataclass(slots=True)
class Deadline:
    """Moves an attempt's timer as content arrives. Times are seconds of the event loop's clock."""

    timer: asyncio.Timeout
    idle: float
    end: float
    now: Callable[[], float]

    _moved: float = -math.inf

    def content(self) -> None:
        """Note that content came: from now on the idle time counts, within the total.

        Moving a deadline re-arms a timer, which costs as much as relaying a chunk; so it is moved only once it lags by
        a sixteenth of the idle time, and that much sooner it may be over.
        """
        now = self.now()
        if now - self._moved >= self.idle / LAG and not self.timer.expired():
            self._moved = now
            self.timer.reschedule(min(self.end, now + self.idle))


def longest_total(targets: Iterable[Target], default: float) -> float:
    """Return the seconds that any request may take at most."""
    return max((target.timeouts.total or default for target in targets), default=default)


def effective(target: Target, defaults: Deadlines) -> Deadlines:
    """Return the target's own time-outs, the process's where it has none."""
    own = target.timeouts
    if own == NO_TIMEOUTS:
        return defaults
    return Deadlines(
        connect=defaults.connect if own.connect is None else own.connect,
        first_token=defaults.first_token if own.first_token is None else own.first_token,
        idle=defaults.idle if own.idle is None else own.idle,
        total=defaults.total if own.total is None else own.total,
    )
