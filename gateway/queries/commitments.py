"""Money promised to vendors, and how much of it is used."""

from gateway.policy.snapshot import PolicySnapshot
from gateway.pricing.commitment import DrawDown
from gateway.queries.policy import policy_for
from gateway.stores.ledger.reader import LedgerReader


def commitments(reader: LedgerReader, given: PolicySnapshot | None, now_ns: int) -> list[DrawDown]:
    """Return the state of each commitment of a policy; None: of the newest one in the ledger.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with reader.view() as view:
        policy = policy_for(view, given)
        return [] if policy is None else view.drawn(policy.commitments, now_ns)
