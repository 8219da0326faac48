"""What a policy needs before its first request: half a second of compiling is on no caller's time."""

from gateway.policy.snapshot import Snapshot
from gateway.sensitivity.scan import scanner_for


def warm(snapshot: Snapshot) -> None:
    """Make the scanner of a policy, where it is kept by what the policy says of sensitivity."""
    scanner_for(snapshot.sensitivity)
