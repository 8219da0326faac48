"""A stored policy decides again as it did."""

from gateway.policy.load.build import build
from gateway.policy.snapshot import PolicySnapshot


def from_canonical(data: bytes) -> PolicySnapshot:
    """Rebuild a snapshot from its canonical bytes: same hash, same decisions. Cases and invariants are not in them."""
    return build(data)
