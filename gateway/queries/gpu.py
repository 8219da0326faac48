"""The true price of our own hardware's hours, and what booking it adds to each call: in one sight of the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.policy.snapshot import PolicySnapshot
from gateway.pricing.measured import HOUR_NS
from gateway.queries.policy import policy_for
from gateway.reports.gpu import PricedHour, priced, true_ups
from gateway.reports.span import Span
from gateway.stores.ledger.reader import LedgerReader, LedgerView
from gateway.stores.ledger.rerating import Corrections, booking

ACTION: Final = "gpu.book"


@dataclass(frozen=True, slots=True)
class GpuHours:
    """The hours of a span, and what may be booked of them."""

    hours: Sequence[PricedHour]
    """By target and time."""
    booking: Corrections | None
    """None: nothing is to be booked, or nobody asked."""


def gpu_hours(
    reader: LedgerReader, span: Span, given: PolicySnapshot | None, book_at_ns: int | None = None
) -> GpuHours:
    """Return the true prices of the hours in a span.

    Args:
        reader: of the ledger.
        span: whole days.
        given: the policy that says what an hour costs; None: the newest one in the ledger.
        book_at_ns: also return what is to be booked at this time, of hours that are over by then.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with reader.view() as view:
        policy = policy_for(view, given)
        if policy is None:
            return GpuHours((), None)
        hours = priced(view.worked(span.from_ns, span.to_ns), policy.targets)
        return GpuHours(hours, None if book_at_ns is None else _booking(view, span, hours, policy, book_at_ns))


def _booking(
    view: LedgerView, span: Span, hours: Sequence[PricedHour], policy: PolicySnapshot, now_ns: int
) -> Corrections | None:
    starts = [one.hour.start_ns for one in hours]
    if not starts:
        return None
    targets = {one.hour.target for one in hours}
    settled = view.settled_by_hour(min(starts), max(starts) + HOUR_NS, targets)
    return booking(ACTION, (span.first, span.last), true_ups(hours, settled, policy.targets, now_ns), policy.hash)
