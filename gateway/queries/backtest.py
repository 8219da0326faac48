"""Decisions of the past, decided anew under another policy."""

from gateway.policy.replay.backtest import Backtest
from gateway.policy.snapshot import PolicySnapshot
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.past import past_decisions


def backtest(snapshot: PolicySnapshot, data_dir: DataDir, from_ns: int, to_ns: int) -> Backtest:
    """Return what would have been different in ``[from, to)``; parts of a span add up.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    found = Backtest()
    for past in past_decisions(data_dir, from_ns, to_ns):
        found.add(snapshot, past)
    return found
