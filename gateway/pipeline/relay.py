"""The answer's way back: bytes through, with only usage, finish, errors and the end looked for."""

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from gateway.domain.errors import UpstreamError
from gateway.failover.plan import Failure
from gateway.pipeline import headers
from gateway.pipeline.answered import Answered, wants_json
from gateway.pipeline.bodies import read_all
from gateway.pipeline.booking import Booking
from gateway.pipeline.case import Case
from gateway.pipeline.deadline import Deadline
from gateway.pipeline.ending import Complete, Cut, Ending, Whole
from gateway.pipeline.failures import AttemptFailed, code_of, from_event
from gateway.pipeline.meter import Meter
from gateway.pipeline.outcome import FailedLate, Outcome, Served
from gateway.pipeline.sending import Sending
from gateway.pipeline.unmasking import StreamUnmasker, whole_answer
from gateway.ports import Line, Responder, UpstreamAnswer, UpstreamBroken
from gateway.scanning import off_loop
from gateway.wire import errors as wire_errors
from gateway.wire.body import read_answer
from gateway.wire.dialect import Event, EventKind, StreamReader
from gateway.wire.sse import EventSplitter, EventTooLarge, data_of
from gateway.wire.translate.translation import EventUnreadable

OK: Final = int(HTTPStatus.OK)
MAX_HELD_BYTES: Final = 256 * 1024
"""Lifecycle frames that are held back while failover is still possible."""

BRIDGE_DROPPED: Final = "x-egress-dropped"
"""Names the request fields that the bridge could not carry; a vendor's own header of this name never gets here."""


class Relay:
    """Relays one attempt's answer to the client: :meth:`read` under the upstream's time-outs, :meth:`end` after."""

    def __init__(
        self,
        case: Case,
        sending: Sending,
        booking: Booking,
        meter: Meter,
        respond: Responder,
        answered: Answered,
    ) -> None:
        """Take what the answer needs; ``answered`` labels it."""
        self._case = case
        self._sending = sending
        self._answered = answered
        self._dialect = sending.spoken.dialect
        self._translation = sending.spoken.stream(case)
        self._vault = sending.vault
        self._wants_json = wants_json(case.tree)
        self._unmasker = None if self._vault is None else StreamUnmasker(self._vault, json_content=self._wants_json)
        self._booking = booking
        self._meter = meter
        self._respond = respond
        self.dropped: tuple[str, ...] = ()
        self.started = False
        """A part of the answer was sent to the client: no failover any more."""
        self.delivering = False
        """A piece is on its way to the client: who waits now waits for the client."""
        self._bug: Exception | None = None
        """What passing a piece on has raised, for the task to raise."""

    async def read(self, answer: UpstreamAnswer, deadline: Deadline, limit: int) -> Ending:
        """Read the answer, and send on what of a stream may be sent already.

        Raises:
            AttemptFailed: it is not an answer, or failed before any content; nothing was sent.
            UpstreamBroken: it broke; nothing was sent.
        """
        if self._case.shape.stream:
            return await self._stream(answer, deadline)
        body = await read_all(answer, limit)
        try:
            tree = read_answer(body)
        except ValueError:
            raise AttemptFailed(Failure.BROKEN, "the upstream's answer is not JSON", status=200) from None
        judged = self._dialect.answer(tree)
        if judged.error is not None:
            raise from_event(judged.error, code_of(body))
        self._meter.answer = judged
        self._meter.first_content = self._booking.now()
        if self._translation is not None:
            body, tree, lost = await self._sending.spoken.whole(self._case, tree, len(body))
            self.dropped = (*self.dropped, *lost)
        return Whole(body, tree)

    async def end(self, ending: Ending, answer: UpstreamAnswer | None) -> Outcome:
        """Label, settle, make durable, and only then send the end.

        Raises:
            LedgerUnavailable: the end cannot be booked, so it is not given.
        """
        match ending:
            case Whole(body, tree):
                assert answer is not None
                await self._whole(answer, body, tree)
            case Complete(before, terminal):
                assert answer is not None
                await self._deliver(answer, before)
                await self._booked()
                await self._respond.finish(terminal)
            case Cut(before, message, error, by_server):
                await self._cut(before, message, error)
                return FailedLate(error, by_server)
        return Served()

    async def _whole(self, answer: UpstreamAnswer, body: bytes, tree: Any) -> None:
        await self._answered.label(tree, len(body))
        if self._vault is not None:
            restored = partial(whole_answer, tree, self._vault, json_content=self._wants_json)
            body = await off_loop(restored, len(body))
        await self._settled("ok", "", (str(tree.get("model") or ""), str(tree.get("id") or "")))
        self.started = True
        length, cost = (b"content-length", str(len(body)).encode()), headers.cost_header(self._booking.cost)
        await self._respond.whole(OK, [*self._head(answer), length, cost], body)

    async def _booked(self, error: str = "") -> None:
        """Label and settle a stream."""
        await self._answered.label()
        await self._settled(error or "ok", error, ("", ""))

    async def _settled(self, outcome: str, error: str, names: tuple[str, str]) -> None:
        sending = self._sending
        await self._booking.settle(outcome, OK, response=names)
        await self._booking.finish(OK, error, reason=sending.reason, rule=sending.rule)

    async def _cut(self, before: Sequence[bytes], message: str, error: str) -> None:
        """End a stream that already started with an error in its own dialect; nothing is sent elsewhere."""
        if data := b"".join(before):
            await self._respond.send(data)
        await self._booked(error)
        failure = UpstreamError(message)
        await self._respond.finish(wire_errors.event(self._case.inbound.dialect, failure, self._case.inbound.id))

    async def _stream(self, answer: UpstreamAnswer, deadline: Deadline) -> Ending:
        usage_asked = self._case.shape.usage_asked or self._translation is not None
        reader = self._meter.reader = self._dialect.reader(usage_asked=usage_asked)
        splitter = EventSplitter()
        held: list[bytes] = []
        line = self._respond.line()
        answer.taker = None if line is None else partial(self._passed, line, reader, splitter, deadline)
        try:
            async for chunk in answer.chunks():
                if self._bug is not None:
                    raise self._bug
                out: list[bytes] = []
                for raw in splitter.feed(chunk):
                    event = reader.read(raw)
                    if event.kind is EventKind.TERMINAL:
                        self._check_not_empty(reader)
                        return self._complete([*held, *out], event.raw)
                    if event.kind is EventKind.ERROR:
                        return self._error(event, [*held, *out])
                    self._note(event, deadline)
                    out.append(self._plain(event.raw))
                if self.started or self._meter.first_content is not None:
                    await self._deliver(answer, [*held, *out])
                    held.clear()
                else:
                    held += out
                    if sum(map(len, held)) > MAX_HELD_BYTES:
                        raise AttemptFailed(Failure.BROKEN, "too many bytes before any content", status=200)
        except (UpstreamBroken, EventTooLarge, EventUnreadable) as broken:
            if not self.started:
                raise AttemptFailed(Failure.BROKEN, "the stream broke before any content", status=200) from broken
            return Cut((), "the upstream cut its answer off")
        finally:
            answer.taker = None
        return self._without_terminal(held, splitter.rest())

    def _passed(
        self, line: Line, reader: StreamReader, splitter: EventSplitter, deadline: Deadline, piece: bytes
    ) -> bool:
        """Pass a piece on where it arrives: waking the call's task for it would cost more than all the rest.

        Only one whole event of plain content, when the client takes it at once; all else is left to the task.
        """
        if not line.room or not self.started or self.delivering or not splitter.is_whole(piece):
            return False
        try:
            plain = reader.content(piece)
            if plain is None:
                return False
            deadline.content()
            data = self._plain(plain)
            if data:
                line.pass_on(data)
        except Exception as error:  # noqa: BLE001 -- it would reach the parser of the upstream's bytes
            self._bug = error
            return False
        return True

    def _note(self, event: Event, deadline: Deadline) -> None:
        if event.kind is EventKind.CONTENT:
            if self._meter.first_content is None:
                self._meter.first_content = self._booking.now()
            deadline.content()
        elif event.kind is EventKind.FINISH and self._meter.first_content is None:
            self._meter.first_content = self._booking.now()

    async def _deliver(self, answer: UpstreamAnswer, events: Sequence[bytes]) -> None:
        self.delivering = True
        if not self.started:
            self.started = True
            await self._respond.start(OK, [*self._head(answer), (b"cache-control", b"no-cache")])
        if data := b"".join(events):
            await self._respond.send(data)
        self.delivering = False

    def _plain(self, raw: bytes) -> bytes:
        """Return an event as the client gets it: in its dialect, with the values that the target did not see.

        Raises:
            EventUnreadable: it cannot be translated.
        """
        if self._translation is None:
            return self._own(raw)
        return b"".join([self._own(event) for event in self._translation.feed(raw)])

    def _own(self, event: bytes) -> bytes:
        self._answered.event(event)
        return event if self._unmasker is None else self._unmasker.event(event)

    def _complete(self, before: list[bytes], terminal: bytes) -> Ending:
        """Return the end of a stream whose own terminal frame came."""
        if self._translation is None:
            return Complete([*before, self._rest()], self._own(terminal))
        if not self._meter.finish:  # OpenAI's says only that nothing follows
            return self._unfinished()
        *events, last = self._translation.feed(terminal)
        return Complete([*before, self._rest(), *map(self._own, events)], self._own(last))

    def _unfinished(self) -> Ending:
        if self.started:
            return Cut((), "the upstream ended its answer without a finish reason")
        raise AttemptFailed(Failure.BROKEN, "the stream ended before any content", status=200)

    def _rest(self) -> bytes:
        return b"" if self._unmasker is None else self._unmasker.end()

    def _check_not_empty(self, reader: StreamReader) -> None:
        """Refuse a stream that ends properly but says nothing at all: no content, no finish.

        Raises:
            AttemptFailed: it is such a one; nothing was sent.
        """
        if not self.started and not reader.content_events and not reader.finish:
            raise AttemptFailed(Failure.BROKEN, "the stream ended before any content", status=200)

    def _error(self, event: Event, before: Sequence[bytes]) -> Cut:
        if not self.started:
            raise from_event(event.error, code_of(data_of(event.raw)))
        return Cut(before, "the upstream reported an error in the middle of its answer")

    def _without_terminal(self, held: list[bytes], rest: bytes) -> Ending:
        """A stream without its terminal frame is truncated unless its finish was seen: then all content came."""
        if self._meter.finish and self._translation is not None:
            *events, last = self._translation.end()
            return Complete([*held, self._rest(), *map(self._own, events)], self._own(last))
        if self._meter.finish:
            last = self._plain(rest)
            tail = self._rest()
            return Complete(held, last.rstrip(b"\r\n") + b"\n\n" * bool(last) + tail if tail else last)
        return self._unfinished()

    def _head(self, answer: UpstreamAnswer) -> headers.RawHeaders:
        sending = self._sending
        back = headers.passed_back(answer.head.headers.items())
        bridged = answer.head.headers.get(BRIDGE_DROPPED, "") if sending.target.zone == "closed" else ""
        dropped = (*self.dropped, bridged) if bridged else self.dropped
        masked = () if self._vault is None else self._vault.kinds()
        served = headers.served(
            self._case, sending.target, reason=sending.reason, rule=sending.rule, dropped=dropped, masked=masked
        )
        return [*back, *served]
