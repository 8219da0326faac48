"""The policy that reports read prices and targets from."""

from typing import TYPE_CHECKING

from gateway.stores.ledger.reader import LedgerReader, LedgerView

if TYPE_CHECKING:
    from gateway.policy.snapshot import PolicySnapshot


def policy_for(view: LedgerView, given: "PolicySnapshot | None") -> "PolicySnapshot | None":
    """Return the policy that was given, else the newest one in the ledger; None if there is neither."""
    if given is not None:
        return given
    from gateway.policy.load.build import build  # noqa: PLC0415 -- only reports with prices need it

    stored = view.newest_policy()
    return None if stored is None else build(stored)


def policy_text(reader: LedgerReader, policy: str) -> bytes | None:
    """Return the canonical bytes of a policy, by its hash; None if it was never in force here.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with reader.view() as view:
        return view.policy(policy)
