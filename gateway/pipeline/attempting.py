"""One attempt as a scope: however it ends, the board is balanced, what was answered is labelled, the vault is wiped."""

import asyncio
import sys
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self

from gateway.failover.plan import Failure
from gateway.pipeline.answered import Answered
from gateway.pipeline.bodies import beginning, drain
from gateway.pipeline.booking import Attempt, Booking
from gateway.pipeline.case import Case
from gateway.pipeline.deadline import Deadline, effective
from gateway.pipeline.ending import Cut, Ending
from gateway.pipeline.failures import AttemptFailed, from_broken, from_status
from gateway.pipeline.outcome import Aborted, FailedEarly, Outcome, verdict
from gateway.pipeline.relay import Relay
from gateway.pipeline.sending import Sending
from gateway.pipeline.world import Deadlines, World
from gateway.ports import ClientStalled, Responder, UpstreamAnswer, UpstreamBroken

OK: Final = int(HTTPStatus.OK)
ERROR_BODY_BYTES: Final = 64 * 1024
_NO_WORK: Final = frozenset({Failure.CALLER, Failure.SATURATED, Failure.CREDENTIALS})
"""Refusals, also where they come inside a 200: without content and usage nothing was used."""


class Attempting(AbstractAsyncContextManager["Attempting"]):
    """Runs one attempt whose start is recorded."""

    def __init__(self, case: Case, world: World, booking: Booking, respond: Responder, sending: Sending) -> None:
        self._case = case
        self._world = world
        self._booking = booking
        self._respond = respond
        self._sending = sending
        self._answered = Answered(case, sending.target, world, sending.vault)
        self._attempt: Attempt | None = None
        self._outcome: Outcome | None = None
        self._opened: AbstractAsyncContextManager[UpstreamAnswer] | None = None
        """The answer, open until all of the attempt is over."""
        self._refusal: AttemptFailed | None = None
        """What the upstream's status says, while its body may still come."""

    async def run(self, attempt: Attempt, end: float) -> Outcome:
        """Make the attempt; ``end`` is the event loop's time at which the request is over.

        Raises:
            ClientStalled: the client stopped reading; its connection must be cut.
            LedgerUnavailable: the end cannot be booked, so it is not given.
        """
        self._attempt = attempt
        async with self:
            self._outcome = await self._served(attempt, end)
        if isinstance(self._outcome, FailedEarly):
            failed = self._outcome.failed
            await self._booking.settle(failed.outcome, failed.status)
        return self._outcome

    async def __aenter__(self) -> Self:
        """Count the attempt on its endpoint."""
        self._world.board.started(self._sending.target, self._sending.endpoint)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Label what came, forget what was masked, take the attempt off its endpoint."""
        assert self._attempt is not None
        meter, target, endpoint = self._attempt.meter, self._sending.target, self._sending.endpoint
        outcome = self._outcome or Aborted(heard=meter.first_content is not None)
        try:
            await self._answered.last_words()
        finally:
            self._sending.wipe()
            self._world.board.ended(
                target,
                endpoint,
                verdict(outcome),
                retry_after=outcome.failed.retry_after if isinstance(outcome, FailedEarly) else None,
                ttft=None if isinstance(outcome, Aborted) else meter.ttft,
            )

    async def _served(self, attempt: Attempt, end: float) -> Outcome:
        """Ask and relay. What is ours to do once the upstream has said all runs under no time-out of the upstream's."""
        relay = Relay(self._case, self._sending, self._booking, attempt.meter, self._respond, self._answered)
        try:
            ending, answer = await self._asked(relay, attempt, end)
            if isinstance(ending, AttemptFailed):
                if ending.failure in _NO_WORK:
                    attempt.meter.refused()
                return FailedEarly(ending)
            self._outcome = await relay.end(ending, answer)
            if answer is not None and not isinstance(ending, Cut):
                await drain(answer)
            return self._outcome
        finally:
            if self._opened is not None:
                await self._opened.__aexit__(*sys.exc_info())

    async def _asked(
        self, relay: Relay, attempt: Attempt, end: float
    ) -> tuple[Ending | AttemptFailed, UpstreamAnswer | None]:
        """Send the request and read the answer within the target's time-outs.

        Raises:
            ClientStalled: the client stopped reading.
        """
        target = self._sending.target
        times = effective(target, self._world.deadlines)
        clock = asyncio.get_running_loop().time
        now = clock()
        end = end if target.timeouts.total is None else now + target.timeouts.total
        first = times.first_token if self._case.shape.stream else times.total
        answer: UpstreamAnswer | None = None
        timer = asyncio.timeout_at(min(end, now + first))
        try:
            async with timer:
                answer = await self._answer(relay, attempt, times)
                deadline = Deadline(timer, times.idle, end, clock)
                return await relay.read(answer, deadline, self._world.limits.answer_bytes), answer
        except UpstreamBroken as broken:
            attempt.meter.broken(sent=broken.sent)
            return from_broken(broken), answer
        except AttemptFailed as failed:
            # Its traceback holds this frame, and this object will hold it: a circle around the body of the call.
            return failed.with_traceback(None), answer
        except TimeoutError:
            if not timer.expired():
                raise
            return self._timed_out(relay, attempt, is_total=(timer.when() or 0.0) >= end), answer

    async def _answer(self, relay: Relay, attempt: Attempt, times: Deadlines) -> UpstreamAnswer:
        """Return an answer that is worth reading.

        Raises:
            AttemptFailed: the upstream refused, or answered something else.
            UpstreamBroken: no head came.
        """
        call, relay.dropped = self._sending.call(self._case, attempt.record, times.connect)
        attempt.meter.sent()
        opening = self._world.upstream.open(call)
        answer = await opening.__aenter__()
        self._opened = opening
        if answer.head.status != OK:
            attempt.meter.refused()
            self._refusal = from_status(answer.head, b"")
            raise from_status(answer.head, await beginning(answer, ERROR_BODY_BYTES))
        _check_content_type(answer, stream=self._case.shape.stream)
        attempt.meter.accepted()
        return answer

    def _timed_out(self, relay: Relay, attempt: Attempt, *, is_total: bool) -> Ending | AttemptFailed:
        """Return what a time-out means; ``is_total``: the time for the whole answer is over, not only a pause in it.

        Raises:
            ClientStalled: it is the client that took no more.
        """
        if self._refusal is not None:
            return self._refusal
        if relay.delivering:
            raise ClientStalled
        if relay.started:
            message = "the answer took longer than the total time-out" if is_total else "the upstream stopped sending"
            return Cut((), message, "upstream_timeout", by_server=not is_total)
        status = OK if attempt.meter.was_accepted else 0
        return AttemptFailed(Failure.TIMEOUT, "no answer in time", status=status)


def _check_content_type(answer: UpstreamAnswer, *, stream: bool) -> None:
    """Refuse an answer that is not of the requested kind.

    Raises:
        AttemptFailed: it is HTML, say.
    """
    content_type = answer.head.headers.get("content-type", "").partition(";")[0].strip().lower()
    expected = "text/event-stream" if stream else "application/json"
    if content_type != expected:
        raise AttemptFailed(Failure.BROKEN, "the upstream's answer is of the wrong content type", status=200)
