"""Watches the policy files for the supervisor: a change is taken once it has settled, by a process of its own."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import anyio

from gateway.stores.policy.files import fingerprint
from gateway.stores.policy.kept import ACCEPTED

PERIOD_S: Final = 0.25


class Keeper:
    """Notices changes of the policy files and of what was accepted."""

    def __init__(self, directory: Path, kept: Path, settle_s: float, now: Callable[[], float]) -> None:
        """Start with the files as they are.

        Args:
            directory: where people write policies.
            kept: where those in force are.
            settle_s: seconds without a further change until one is taken.
            now: a monotonic clock.
        """
        self._directory, self._kept, self._settle_s, self._now = directory, kept, settle_s, now
        self._seen = self._look()
        self._changed: float | None = None

    def due(self) -> bool:
        """Look at the files; return whether a change has settled. True once a change."""
        seen = self._look()
        if seen != self._seen:
            self._seen, self._changed = seen, self._now()
        if self._changed is None or self._now() - self._changed < self._settle_s:
            return False
        self._changed = None
        return True

    def _look(self) -> tuple[str, ...]:
        """Return what changes whenever anything does that decides which policy comes into force."""
        found = []
        for place in (self._directory / ACCEPTED, self._kept / ACCEPTED):
            content = b""
            with suppress(OSError):
                content = place.read_bytes()
            found.append(content.hex())
        try:
            return (fingerprint(self._directory), *found)
        except OSError as error:
            return (type(error).__name__, *found)

    def again(self) -> None:
        """Take the change for new: it could not be looked at."""
        self._changed = self._now()

    async def watch(self, keep: Callable[[], Awaitable[bool]]) -> None:
        """Call ``keep`` after each change, and again if it returns False, until cancelled."""
        while True:
            await anyio.sleep(PERIOD_S)
            if self.due() and not await keep():
                self.again()
