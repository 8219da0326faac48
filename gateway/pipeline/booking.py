"""Accounting as a scope: a hold before an attempt, one settlement after it, one end for the request, on every exit.

The field's worst bugs are spend written in callbacks that a hang-up never calls. Here leaving the ``async with``
settles, however it is left: done, failed, cancelled. What a killed process leaves behind is settled at the next start
from the spool (``gateway.stores.shipping.recovery``).
"""

from contextlib import AbstractAsyncContextManager, suppress
from types import TracebackType
from typing import Final, Self

import anyio

from gateway.domain.admission import BudgetEntry, StateUnavailable, Window
from gateway.domain.chain import AttemptKind
from gateway.domain.decision import Ranked, Reason
from gateway.domain.errors import GatewayError, LedgerUnavailable, StateLost
from gateway.domain.ids import RANDOM_BYTES, new_id
from gateway.domain.money import Nanos
from gateway.domain.records import AttemptStarted, Finished, Record, Settled
from gateway.domain.target import Target, Zone
from gateway.pipeline.case import Case, server_of
from gateway.pipeline.finishing import CLIENT_CLOSED, finished_of, settled_of
from gateway.pipeline.meter import Meter
from gateway.pipeline.payment import charges, entries, rates, refuse
from gateway.pipeline.world import World
from gateway.ports import ClientStalled
from gateway.telemetry.exchange import Exchange
from gateway.wire.errors import status_of

LAST_WORDS_S: Final = 5.0
"""Grace period for settling a cancelled request."""
HOLD_MARGIN_S: Final = 60.0
"""A hold outlives the longest attempt by this much; then its process must have died."""
STATE_RETRY_S: Final = 5


class Attempt:
    """An attempt that was started and is not settled yet."""

    def __init__(self, record: AttemptStarted, meter: Meter, *, held: bool) -> None:
        self.record = record
        self.meter = meter
        self.held = held


class Booking(AbstractAsyncContextManager["Booking"]):
    """The accounting of one request."""

    def __init__(self, case: Case, world: World) -> None:
        self._case = case
        self._world = world
        self._paid = case.paid
        self._decision_written = False
        self._open: Attempt | None = None
        self._settled: list[tuple[AttemptStarted, Settled]] = []
        self._unwritten: tuple[AttemptStarted, Settled] | None = None
        """A success whose settlement is written together with the end of the request, which follows at once."""
        self._finished: Finished | None = None
        self.windows: tuple[Window, ...] = ()
        """The caller's rate limits, this request counted."""

    @property
    def attempts(self) -> int:
        """How many attempts were started."""
        return len(self._settled) + (self._open is not None)

    @property
    def cost(self) -> Nanos:
        """What the settled attempts cost."""
        return Nanos(sum(settled.cost for _, settled in self._settled))

    def now(self) -> float:
        """Return the monotonic clock, in seconds."""
        return self._world.clock.monotonic()

    async def start(self, ranked: Ranked, endpoint: str, kind: AttemptKind = "primary") -> Attempt:
        """Take the hold and write that an attempt begins; bytes may be sent only after this.

        Raises:
            BudgetExceeded: the hold does not fit.
            RateLimited: the caller asks too often.
            StateLost: the rest of the budgets is unknown, and the target is closed.
            LedgerUnavailable: the attempt cannot be recorded.
        """
        world, case = self._world, self._case
        target = case.target(ranked)
        attempt_id = new_id("att", world.clock.wall_ns() // 1_000_000, world.random(RANDOM_BYTES))
        held = await self._admit(attempt_id, target)
        dollars = [entry.amount for entry in held or () if ":usd:" in entry.counter]
        amount = Nanos(max(dollars, default=ranked.hold_nanos))
        record = AttemptStarted(
            id=attempt_id,
            decision=case.inbound.id,
            number=self.attempts + 1,
            at=world.clock.wall_ns(),
            target=target.id,
            zone=target.zone,
            model=target.model,
            provider=target.kind,
            server=server_of(endpoint),
            hold=amount,
            span=world.random(8).hex(),
            price_source=target.price.source,
            team=case.team.id,
            attempt_kind=kind,
        )
        try:
            self._write(record, keep=self._may_go_on(target.zone))
        except BaseException:
            if held is not None:
                await self._release(attempt_id, {}, 0)
            raise
        self._open = Attempt(record, Meter(world.clock.monotonic()), held=held is not None)
        return self._open

    async def settle(self, outcome: str, status: int, *, response: tuple[str, str] = ("", "")) -> Settled:
        """Charge the open attempt. ``response`` is the upstream's own model name and response id.

        A success has to be followed by :meth:`finish` with nothing awaited in between: one write takes both records. A
        failure is written here, and so is a success whose hold is given back over a network.

        Raises:
            LedgerUnavailable: the settlement cannot be written, and the call may not continue without it: it waits in
                memory, and if this process dies before there is room the attempt is charged at its hold.
        """
        attempt = self._open
        assert attempt is not None
        self._open = None
        record, world = attempt.record, self._world
        settled = settled_of(self._case, attempt.record, attempt.meter, world.clock, outcome, status, response)
        self._settled.append((record, settled))
        self._unwritten = (record, settled)
        try:  # before anything is awaited: a cancellation must not come between
            if outcome != "ok" or (attempt.held and not world.state.here):
                self._write_rest()
        finally:
            if attempt.held:
                tokens = settled.usage.input_tokens + settled.usage.output_tokens
                target = self._case.snapshot.targets[record.target]
                await self._release(record.id, charges(self._paid, target, Nanos(settled.cost), tokens), tokens)
        if outcome == "ok":
            world.typical.record(self._case.team.id, self._case.facts.task, record.target, settled.usage.output_tokens)
        return settled

    async def finish(self, status: int, error: str = "", *, reason: Reason | None = None, rule: str = "") -> Finished:
        """Write the end of the request and return when all of its records are durable.

        Raises:
            LedgerUnavailable: they cannot be made durable.
        """
        at_ns = self._world.clock.wall_ns()
        zone = self._settled[-1][0].zone if self._settled else None
        try:
            finished = finished_of(
                self._case, self._settled, at_ns, status=status, error=error, reason=reason, rule=rule
            )
            written = self._write_both(finished)
        finally:  # whatever failed: the settlement is not lost
            self._write_rest()
        self._finished = finished
        if not written and not self._write(finished, keep=zone is not None) and not self._may_go_on(zone):
            raise LedgerUnavailable(
                "the record of this call's end could not be written, so its answer is withheld; retry later"
            )
        if zone is not None:
            await self._world.spool.commit()
        return finished

    async def __aenter__(self) -> Self:
        """Enter the scope."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Settle and end what is still open, then notify the observer; a cancellation cannot cut this short."""
        try:
            if self._finished is None:
                with anyio.CancelScope(shield=True, deadline=anyio.current_time() + LAST_WORDS_S):
                    await self._close(error)
        except LedgerUnavailable:
            if error is None:
                raise
        finally:
            if self._finished is not None:
                self._world.observer.exchange(Exchange(self._case.made, tuple(self._settled), self._finished))

    async def _close(self, error: BaseException | None) -> None:
        """Settle the open attempt and write the end, each even if the other fails."""
        try:
            if self._open is not None:
                await self.settle(_ending(error)[1] or "ok", 200 if self._open.meter.was_accepted else 0)
        finally:
            await self.finish(*_ending(error))

    async def _admit(self, attempt_id: str, target: Target) -> tuple[BudgetEntry, ...] | None:
        """Take the hold, and count the request once; return what is held of budgets, None if nothing is to be settled.

        Raises:
            BudgetExceeded: the hold does not fit.
            RateLimited: the caller asks too often.
            StateLost: the rest of the budgets is unknown, and the target is closed.
        """
        case, world = self._case, self._world
        now = world.clock.wall_ns()
        held = entries(self._paid, target, case.facts, case.hold(target))
        again = self.attempts > 0
        counted = rates(case.team, case.facts, target, again=again) if case.team.rate_limits else ()
        if not held and not counted:
            return None
        seconds = (target.timeouts.total or world.deadlines.total) + HOLD_MARGIN_S
        try:
            admission = await world.state.admit(attempt_id, held, counted, seconds)
        except StateUnavailable as error:
            if world.on_state_lost == "local_only" and target.zone == "local":
                world.state.unheld(attempt_id, held)  # its settlement is the first that the state hears of it
                return held or None
            raise StateLost(
                "budget and rate-limit state is temporarily unavailable; only local targets are served",
                retry_after=STATE_RETRY_S,
            ) from error
        except anyio.get_cancelled_exc_class():
            await self._release(attempt_id, {}, 0)
            raise
        if not again:
            self.windows = admission.windows
        refuse(admission, held, self._paid, case.team.owner, now)
        return held if held or any(rate.unit == "tokens" for rate in counted) else None

    async def _release(self, attempt_id: str, booked: dict[str, int], tokens: int) -> None:
        """Give a hold back and book what was taken; a cancellation cannot cut this short.

        If the store is down the settlement is queued and retried; the ledger knows the true cost.
        """
        state = self._world.state
        with suppress(StateUnavailable):
            if state.here:
                await state.settle(attempt_id, booked, tokens)
                return
            with anyio.CancelScope(shield=True, deadline=anyio.current_time() + LAST_WORDS_S):
                await state.settle(attempt_id, booked, tokens)

    def _may_go_on(self, zone: Zone | None) -> bool:
        """Return whether a call continues while its records wait in memory because the disk is full."""
        return zone == "local" and self._world.on_ledger_lost == "local_only"

    def _write_both(self, finished: Finished) -> bool:
        """Write the settlement that waits for the end, and the end; return False if none waits or neither was taken."""
        if self._unwritten is None:
            return False
        try:
            self._world.spool.append(self._unwritten[1], finished)
        except LedgerUnavailable:
            return False
        self._unwritten = None
        return True

    def _write_rest(self) -> None:
        """Write the settlement that is not written yet, if there is one.

        Raises:
            LedgerUnavailable: it is not on the disk, and the call may not continue without it.
        """
        if self._unwritten is None:
            return
        (record, settled), self._unwritten = self._unwritten, None
        if not self._write(settled, keep=True) and not self._may_go_on(record.zone):
            raise LedgerUnavailable(
                "the usage record of this call could not be written, so its answer is withheld; retry later"
            )

    def _write(self, record: Record, *, keep: bool) -> bool:
        """Write a record, the first one behind its decision; return True if written to disk, False if only buffered.

        Raises:
            LedgerUnavailable: it is neither.
        """
        records = (record,) if self._decision_written else (self._case.made, record)
        written = True
        if keep:
            written = self._world.spool.keep(*records)
        else:
            self._world.spool.append(*records)
        self._decision_written = True
        return written


def _ending(error: BaseException | None) -> tuple[int, str]:
    """Return status and code of a request that an exception ended."""
    if error is None:
        return 200, ""
    if isinstance(error, ClientStalled) or not isinstance(error, Exception):
        return CLIENT_CLOSED, "client_closed"
    return status_of(error), error.code if isinstance(error, GatewayError) else "internal_error"
