"""Where compiled patterns are kept from one process to the next: a port, for nothing here does I/O."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Kept(Protocol):
    """Compiled patterns by key. Nothing is raised: what cannot be read or kept is compiled."""

    def get(self, key: str) -> bytes | None:
        """Return what was put under a key, the very same bytes; None if it is not there or not to be trusted."""

    def put(self, key: str, compiled: bytes) -> None:
        """Keep it for processes to come, if that can be done."""

    def turn(self) -> AbstractContextManager[None]:
        """Return a scope for compiling: of processes that start together one compiles, and the others wait for it."""


class NotKept:
    """Keeps nothing: every process compiles."""

    def get(self, _key: str, /) -> None:
        """Return None."""

    def put(self, _key: str, _compiled: bytes, /) -> None:
        """Do nothing."""

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for nobody."""
        yield


class _Place:
    """What this process was given: set once at its start, before the first scanner is made."""

    kept: Kept = NotKept()


def keep_in(kept: Kept) -> None:
    """Let this process read its compiled patterns from there, and keep there what it compiles."""
    _Place.kept = kept


def kept() -> Kept:
    """Return where this process keeps its compiled patterns."""
    return _Place.kept
