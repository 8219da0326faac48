"""What the calls of a period cost at corrected prices, and what booking the difference adds to each."""

from dataclasses import dataclass
from typing import Final

from gateway.policy.snapshot import PolicySnapshot
from gateway.pricing import rerate
from gateway.pricing.rerate import Rerated
from gateway.reports.span import Span
from gateway.stores.ledger.reader import LedgerReader
from gateway.stores.ledger.rerating import Corrections, adjustments, booking

ACTION: Final = "ledger.rerate"


@dataclass(frozen=True, slots=True)
class Rerating:
    """The calls of a span at other prices."""

    found: Rerated
    booking: Corrections | None
    """None: all cost the same."""


def rerating(reader: LedgerReader, span: Span, policy: PolicySnapshot, now_ns: int) -> Rerating:
    """Return what the prices of a policy would correct.

    Args:
        reader: of the ledger.
        span: whole days.
        policy: with the corrected prices.
        now_ns: when it is booked, if it is.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with reader.view() as view:
        found = rerate.rerate(view.charged(span.from_ns, span.to_ns), policy.targets)
    records = adjustments(found.corrections, now_ns)
    corrected = zip([one.charged for one in found.corrections], records, strict=True)
    return Rerating(found, booking(ACTION, (span.first, span.last), corrected, policy.hash))
