"""The policy in force of a process that serves: at the start compiled apart, later on here."""

from collections.abc import Callable, Sequence
from pathlib import Path

from gateway.bootstrap.compiling import canonical_of, compiled
from gateway.policy.load.build import build
from gateway.policy.snapshot import PolicySnapshot
from gateway.stores.policy.files import File
from gateway.stores.policy.source import PolicySource


def policy_source(directory: Path, prepare: Callable[[PolicySnapshot], object]) -> PolicySource:
    """Return the policy of a directory; ``prepare`` is called before one comes into force. Blocks, without threads.

    Raises:
        PolicyErrors: it is not valid; the process must not start.
        OSError: it cannot be read.
    """
    return PolicySource(directory, compiled, prepare, first=_built)


def _built(files: Sequence[File]) -> PolicySnapshot:
    return build(canonical_of(files))
