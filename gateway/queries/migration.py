"""Calls to vendors of the past, tried on every local target of a policy."""

from gateway.policy.replay.migration import Migration
from gateway.policy.snapshot import PolicySnapshot
from gateway.queries.policy import policy_for
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.past import served_by_vendors
from gateway.stores.ledger.reader import LedgerReader


def task_at_hand(
    reader: LedgerReader, given: PolicySnapshot | None, span: tuple[int, int]
) -> tuple[PolicySnapshot | None, int]:
    """Return the policy that was given, else the newest one, and how many calls a vendor served in ``[from, to)``.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with reader.view() as view:
        rows = view.cost_rows(*span, "day")
        return policy_for(view, given), sum(row.requests - row.served_local for row in rows)


def migration(snapshot: PolicySnapshot, data_dir: DataDir, from_ns: int, to_ns: int) -> Migration:
    """Return what of ``[from, to)`` could move to local targets; parts of a span add up.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    found = Migration(snapshot)
    for past in served_by_vendors(data_dir, from_ns, to_ns):
        found.add(past)
    return found
