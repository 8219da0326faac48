"""Commitments: how much is used, remaining and expired, and the overage."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

DAY_NS: Final = 86_400_000_000_000


@dataclass(frozen=True, slots=True)
class Commitment:
    """An amount that is paid whether it is used or not, for calls to some targets in ``[start, end)``."""

    id: str
    amount: int
    """Nano-dollars."""
    start_ns: int
    end_ns: int
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrawDown:
    """The state of a commitment at a moment. ``drawn + left + lost == amount``."""

    commitment: Commitment
    drawn: int
    left: int
    """Paid and still to be used; 0 once it has ended."""
    lost: int
    """Paid and not used in time."""
    beyond: int
    """Cash for covered calls on top of it."""
    per_day: int
    """Drawn a day so far, in nano-dollars, rounded down."""

    @property
    def exhausted_ns(self) -> int | None:
        """When it will be used up at the rate so far; None if it is, has ended, or nothing was drawn."""
        if not self.left or not self.per_day or self.drawn == self.commitment.amount:
            return None
        days_ns = self.commitment.amount * DAY_NS // self.per_day
        return self.commitment.start_ns + days_ns


def draw_down(commitment: Commitment, charges: Iterable[tuple[str, int, int]], now_ns: int) -> DrawDown:
    """Return the state of a commitment.

    Args:
        commitment: what was promised.
        charges: target, time and nano-dollars of settled calls, in any order.
        now_ns: up to when charges count, and whether it has ended.
    """
    until = min(now_ns, commitment.end_ns)
    covered = frozenset(commitment.covers)
    used = sum(cost for target, at, cost in charges if target in covered and commitment.start_ns <= at < until)
    drawn = max(0, min(used, commitment.amount))
    rest = commitment.amount - drawn
    ended = now_ns >= commitment.end_ns
    days_ns = max(until - commitment.start_ns, 1)
    return DrawDown(
        commitment=commitment,
        drawn=drawn,
        left=0 if ended else rest,
        lost=rest if ended else 0,
        beyond=max(0, used - commitment.amount),
        per_day=drawn * DAY_NS // days_ns,
    )
