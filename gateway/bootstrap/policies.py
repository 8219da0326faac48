"""The policy in force of a process that serves: at the start compiled apart, later on here."""

from collections.abc import Callable, Sequence

from gateway.bootstrap.compiling import canonical_of, compiled
from gateway.policy.load.build import build
from gateway.policy.snapshot import PolicySnapshot
from gateway.stores.data_dir import DataDir
from gateway.stores.policy.files import File
from gateway.stores.policy.kept import KeptPolicy
from gateway.stores.policy.source import PolicySource


def policy_source(data: DataDir, prepare: Callable[[PolicySnapshot], object]) -> PolicySource:
    """Return the policy that is kept in a data directory, which the supervisor takes over from its files.

    ``prepare`` is called before one comes into force. Blocks, without threads.

    Raises:
        PolicyErrors: it is not valid; the process must not start.
        OSError: it cannot be read.
    """
    kept = KeptPolicy(data.policy)
    return PolicySource(kept.directory, compiled, prepare, first=_built, refused=kept.refused)


def _built(files: Sequence[File]) -> PolicySnapshot:
    return build(canonical_of(files))
