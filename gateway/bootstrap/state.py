"""Where an edge's state is, in process or in Redis, and what keeps it true to the ledger while the edge runs."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Final

import anyio

from gateway.domain.admission import Entry, StateUnavailable
from gateway.domain.errors import LedgerUnavailable
from gateway.policy.snapshot import Snapshot
from gateway.ports import Breakers, Clock, SessionLabels, SessionsUnavailable, StateStore
from gateway.stores.sessions.memory import MemorySessions
from gateway.stores.state.breakers_memory import MemoryBreakers
from gateway.stores.state.memory import MemoryState
from gateway.telemetry.logs import Log

MEMORY: Final = "memory:"
TURN_S: Final = 1.0
TIDY_S: Final = 60.0
AGAIN_S: Final = 30.0
"""After a loss, so often the ledger is asked for calls whose holds were lost with the state."""
TELL_S: Final = 3.0
"""So long each worker may take, once the state is back, to tell what it could not: the ledger has that already, and a
counter that is raised by it before would have it twice."""


@dataclass(frozen=True, slots=True)
class Stores:
    """What all workers of a gateway share, and how to let go of it."""

    state: StateStore
    sessions: SessionLabels
    breakers: Breakers
    close: Callable[[], Awaitable[None]]


def open_stores(url: str, clock: Clock, journal: Path, instance: str) -> Stores:
    """Open what ``state.url`` names; ``instance`` is this worker's own name.

    Raises:
        OSError: the journal of session labels can be neither read nor written.
        ValueError: it is no URL of a Redis server.
    """
    if url == MEMORY:
        sessions = MemorySessions(clock, journal)

        async def end() -> None:
            sessions.close()

        return Stores(MemoryState(clock), sessions, MemoryBreakers(clock, instance), end)
    from gateway.stores.sessions.redis import RedisSessions  # noqa: PLC0415 -- its client takes 0.3 s to load
    from gateway.stores.state.breakers_redis import RedisBreakers  # noqa: PLC0415 -- as below
    from gateway.stores.state.redis import RedisState  # noqa: PLC0415

    state, labels, breakers = RedisState(url), RedisSessions(url), RedisBreakers(url, instance)

    async def close() -> None:
        await state.close()
        await labels.close()
        await breakers.close()

    return Stores(state, labels, breakers, close)


async def keep_labels(labels: SessionLabels) -> None:
    """Let labels of conversations be tidied until cancelled."""
    while True:
        await anyio.sleep(TIDY_S)
        await labels.tidy()


class Keeper:
    """Books holds that outlived their deadline, and raises counters to the ledger whenever the state may lack some."""

    def __init__(
        self,
        stores: Stores,
        log: Log,
        policy: Callable[[], Snapshot],
        spent: Callable[[Snapshot], Sequence[Entry]],
        longest_s: float,
        fresh: Callable[[], bool],
    ) -> None:
        """Take how to ask the ledger, how long a hold may live, and whether no conversation can be older than this."""
        self._state = stores.state
        self._labels = stores.sessions
        self._fresh = fresh
        self._begun = False
        self._log = log
        self._policy = policy
        self._spent = spent
        self._longest_s = longest_s
        self._lost = False
        self._known = ""
        self._seeded = -inf
        self._again_until = -inf
        self._back = inf
        self._dead: Sequence[str] = ()

    async def start(self, dead: Sequence[str] = ()) -> None:
        """Seed the state; one that is away is seeded once it is back.

        ``dead``: holds of attempts that the ledger has as settled since their process died. They are booked first: a
        counter that was raised by them already would have them twice once their deadline is over.

        Raises:
            LedgerUnavailable: the ledger cannot be read.
        """
        self._dead = dead
        try:
            await self._begin()
            await self._seed()
        except (StateUnavailable, SessionsUnavailable) as error:
            self._lose(type(error).__name__)

    async def run(self) -> None:
        """Keep it until cancelled."""
        while True:
            await anyio.sleep(TURN_S)
            try:
                await self.turn()
            except (StateUnavailable, SessionsUnavailable, LedgerUnavailable) as error:
                self._lose(type(error).__name__)

    async def turn(self) -> None:
        """Do all of it once.

        Raises:
            StateUnavailable: the state cannot be asked.
            SessionsUnavailable: the labels of conversations cannot be asked.
            LedgerUnavailable: the ledger cannot be read.
        """
        await self._begin()
        await self._sweep()
        kept = await self._state.refresh()
        now = anyio.current_time()
        self._back = min(self._back, now)
        if self._lost and kept and now - self._back < TELL_S:  # if holds are lost, too, nothing can be counted twice
            return
        anew = self._lost or not kept or self._policy().hash != self._known
        if anew:  # calls that run now have no hold of these counters: only the ledger will know what they cost
            self._again_until = now + self._longest_s
        if anew or (now < self._again_until and now - self._seeded >= AGAIN_S):
            await self._seed()
            self._lost = False

    async def expect(self, snapshot: Snapshot) -> None:
        """Raise the counters of a policy before it comes into force: its new ones would stand at nothing.

        What cannot be asked just now holds up no policy; they are raised at the first turn that gets through.
        """
        try:
            await self._raise(snapshot)
        except (StateUnavailable, LedgerUnavailable) as error:
            self._lose(type(error).__name__)

    async def _begin(self) -> None:
        if not self._begun:
            await self._labels.begin(fresh=await anyio.to_thread.run_sync(self._fresh))
            self._begun = True

    async def _sweep(self) -> None:
        for expired in await self._state.sweep(self._dead):
            self._log.event("hold_expired", "error", hold=expired.hold, booked=dict(expired.amounts))
        self._dead = ()

    async def _seed(self) -> None:
        snapshot = self._policy()
        if self._dead:
            await self._sweep()
        await self._raise(snapshot)
        self._known, self._seeded = snapshot.hash, anyio.current_time()
        self._log.event("state_seeded", policy=snapshot.hash)

    async def _raise(self, snapshot: Snapshot) -> None:
        await self._state.seed(await anyio.to_thread.run_sync(self._spent, snapshot))

    def _lose(self, kind: str) -> None:
        if not self._lost:
            self._log.event("state_unavailable", "error", kind=kind)
        self._lost, self._back = True, inf
