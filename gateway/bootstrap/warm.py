"""What is done before the first request, so that it is on no caller's time."""

from gateway.patterns.kept import keep_in
from gateway.policy.snapshot import PolicySnapshot
from gateway.sensitivity.scan import scanner_for
from gateway.stores.data_dir import DataDir
from gateway.stores.patterns import PatternFiles


def keep_patterns(data: DataDir) -> None:
    """Let this process load the patterns that an earlier one has compiled, and keep what it compiles itself."""
    keep_in(PatternFiles(data.patterns))


def warm(snapshot: PolicySnapshot) -> None:
    """Make the scanner of a policy, where it is kept by what the policy says of sensitivity."""
    scanner_for(snapshot.sensitivity)
