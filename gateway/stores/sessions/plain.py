"""Answers that carry nothing: known so that they get no other's label; forgotten with the process, the oldest first."""

from collections.abc import Sequence
from typing import Final

MOST: Final = 100_000
"""About 15 MB."""


class Plain:
    """Keys that are known to carry nothing."""

    def __init__(self, most: int = MOST) -> None:
        """Start empty; ``most``: so many are known at once."""
        self._most = most
        self._keys: dict[str, None] = {}
        """The one that was used last at the end."""

    def note(self, keys: Sequence[str]) -> None:
        """Note that keys carry nothing."""
        for key in keys:
            self._keys.pop(key, None)
            self._keys[key] = None
        while len(self._keys) > self._most:
            del self._keys[next(iter(self._keys))]

    def forget(self, keys: Sequence[str]) -> None:
        """Take back that keys carry nothing."""
        for key in keys:
            self._keys.pop(key, None)

    def of(self, key: str) -> tuple[()] | None:
        """Return nothing, which a key carries; None if it is not known."""
        if key not in self._keys:
            return None
        self.note((key,))
        return ()
