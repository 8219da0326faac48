"""A stored policy decides again as it did."""

from gateway.policy.snapshot import Snapshot


def from_canonical(data: bytes) -> Snapshot:
    """Rebuild a snapshot from its canonical bytes."""
    raise NotImplementedError(data)
