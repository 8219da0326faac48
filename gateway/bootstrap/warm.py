"""What is done before the first request, so that it is on no caller's time."""

import ctypes
import gc
from contextlib import suppress

from gateway.patterns.kept import keep_in
from gateway.policy.snapshot import PolicySnapshot
from gateway.sensitivity.scan import scanner_for
from gateway.stores.data_dir import DataDir
from gateway.stores.patterns import PatternFiles


def keep_patterns(data: DataDir) -> None:
    """Let this process load the patterns that an earlier one has compiled, and keep what it compiles itself."""
    keep_in(PatternFiles(data.patterns))


def settle() -> None:
    """Take what the start has made out of the garbage collector's sight: it lives as long as the process.

    The collector would go over all of it again and again, and stop the event loop for 30 milliseconds each time. What
    the start has freed goes back to the system: compiling the patterns for the first time takes 30 MB.
    """
    gc.collect()
    gc.freeze()
    with suppress(OSError, AttributeError):  # only glibc can
        ctypes.CDLL(None).malloc_trim(0)


def warm(snapshot: PolicySnapshot) -> None:
    """Make the scanner of a policy, where it is kept by what the policy says of sensitivity."""
    scanner_for(snapshot.sensitivity)
