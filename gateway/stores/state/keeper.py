"""Keeps a shared state true to the ledger while the edge runs: does what `gateway.stores.state.keeping` decides."""

from collections.abc import Callable, Sequence
from math import inf
from typing import Final, Protocol

import anyio

from gateway.domain.admission import BudgetEntry, StateUnavailable
from gateway.domain.errors import LedgerUnavailable
from gateway.policy.snapshot import PolicySnapshot
from gateway.ports import SessionLabels, SessionsUnavailable, StateStore
from gateway.stores.state.keeping import Answered, Failed, Raise, Raised, Report, Seen, Standing, Starting, next_step
from gateway.telemetry.logs import Log

TURN_S: Final = 1.0


class Shared(Protocol):
    """What all workers of a gateway share."""

    @property
    def state(self) -> StateStore:
        """Budgets and rates."""

    @property
    def sessions(self) -> SessionLabels:
        """Labels of conversations."""


class Keeper:
    """Books holds that outlived their deadline, and raises counters to the ledger whenever the state may lack some."""

    def __init__(
        self,
        stores: Shared,
        log: Log,
        policy: Callable[[], PolicySnapshot],
        spent: Callable[[PolicySnapshot], Sequence[BudgetEntry]],
        longest_s: float,
        fresh: Callable[[], bool],
        clock_set: Callable[[], int] = lambda: 0,
    ) -> None:
        """Take how to ask the ledger, how long a hold may live, and whether no conversation can be older than this.

        ``clock_set``: a number that changes when the wall clock is set, for then other periods run.
        """
        self._state = stores.state
        self._labels = stores.sessions
        self._log = log
        self._policy = policy
        self._spent = spent
        self._longest_s = longest_s
        self._fresh = fresh
        self._clock_set = clock_set
        self._begun = False
        self._dead: Sequence[str] = ()
        self._standing: Standing = Starting()

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
            await self._seed(-inf)
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
            StateUnavailable: the state does not answer.
            SessionsUnavailable: the labels of conversations are not available.
            LedgerUnavailable: the ledger cannot be read.
        """
        await self._begin()
        await self._sweep()
        kept = await self._state.refresh()
        now = anyio.current_time()
        for action in self._see(Answered(kept, self._sight(self._policy()), now + self._longest_s), now):
            await self._seed(action.until)

    async def expect(self, snapshot: PolicySnapshot) -> None:
        """Raise the counters of a policy before it comes into force: its new ones would be at zero.

        A state or ledger that does not answer delays no policy; they are raised at the first turn that succeeds.
        """
        try:
            await self._raise(snapshot)
        except (StateUnavailable, LedgerUnavailable) as error:
            self._lose(type(error).__name__)

    def _sight(self, snapshot: PolicySnapshot) -> str:
        """Return what counters depend on: the policy's budgets, and which of their periods run."""
        return f"{snapshot.hash}:{self._clock_set()}"

    def _see(self, seen: Seen, now: float) -> list[Raise]:
        """Take one step, say what is to be said and return what else is to be done."""
        self._standing, actions = next_step(self._standing, seen, now)
        for action in actions:
            if isinstance(action, Report):
                self._log.event("state_unavailable", "error", kind=action.kind)
        return [action for action in actions if isinstance(action, Raise)]

    def _lose(self, kind: str) -> None:
        self._see(Failed(kind), anyio.current_time())

    async def _begin(self) -> None:
        if not self._begun:
            await self._labels.begin(fresh=await anyio.to_thread.run_sync(self._fresh))
            self._begun = True

    async def _sweep(self) -> None:
        for expired in await self._state.sweep(self._dead):
            self._log.event("hold_expired", "error", hold=expired.hold, booked=dict(expired.amounts))
        self._dead = ()

    async def _seed(self, until: float) -> None:
        """Raise the counters of the policy in force; calls without holds of them may run until then."""
        snapshot = self._policy()
        if self._dead:
            await self._sweep()
        await self._raise(snapshot)
        self._see(Raised(self._sight(snapshot), until), anyio.current_time())
        self._log.event("state_seeded", policy=snapshot.hash)

    async def _raise(self, snapshot: PolicySnapshot) -> None:
        await self._state.seed(await anyio.to_thread.run_sync(self._spent, snapshot))
