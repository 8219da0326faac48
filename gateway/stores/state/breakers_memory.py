"""Open breakers of one process: its health registry has them all, so nothing is shared."""

from collections.abc import Sequence

from gateway.failover.breaker import Paused
from gateway.ports import Clock


class MemoryBreakers:
    """Shares open breakers between handles of one process, each with a name: see :meth:`beside`."""

    def __init__(self, clock: Clock, worker: str = "") -> None:
        self._clock = clock
        self._worker = worker
        self._reported: dict[str, list[tuple[float, Paused]]] = {}

    def beside(self, worker: str) -> "MemoryBreakers":
        """Return another handle of the same breakers."""
        other = MemoryBreakers(self._clock, worker)
        other._reported = self._reported
        return other

    async def share(self, own: Sequence[Paused]) -> tuple[Paused, ...]:
        """Say what this worker pauses, all of it, and return what the others do."""
        now = self._clock.monotonic()
        self._reported[self._worker] = [(now + one.seconds, one) for one in own]
        return tuple(
            Paused(one.target, one.endpoint, until - now, saturated=one.saturated)
            for worker, paused in self._reported.items()
            for until, one in paused
            if worker != self._worker and until > now
        )

    async def close(self) -> None:
        """Do nothing."""
