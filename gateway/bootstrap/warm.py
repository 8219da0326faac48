"""What is done before the first request, so that it is on no caller's time."""

import gc

from gateway.policy.snapshot import PolicySnapshot
from gateway.sensitivity.scan import scanner_for


def settle() -> None:
    """Take what the start has made out of the garbage collector's sight: it lives as long as the process.

    The collector would go over all of it again and again, and stop the event loop for 30 milliseconds each time.
    """
    gc.collect()
    gc.freeze()


def warm(snapshot: PolicySnapshot) -> None:
    """Make the scanner of a policy, where it is kept by what the policy says of sensitivity."""
    scanner_for(snapshot.sensitivity)
