"""The answer's way back: bytes through, with only usage, finish, errors and the end looked for."""

from contextlib import suppress
from http import HTTPStatus
from typing import Final

import anyio

from gateway.domain.decision import Reason
from gateway.domain.errors import UpstreamError
from gateway.domain.target import Target
from gateway.failover.plan import Failure
from gateway.pipeline import headers
from gateway.pipeline.answered import Answered
from gateway.pipeline.booking import Booking
from gateway.pipeline.case import Case
from gateway.pipeline.deadline import Deadline
from gateway.pipeline.failures import AttemptFailed, code_of, from_event
from gateway.pipeline.meter import Meter
from gateway.pipeline.unmasking import StreamUnmasker, whole_answer
from gateway.ports import Responder, UpstreamAnswer, UpstreamBroken
from gateway.sensitivity.vault import Vault
from gateway.wire import errors as wire_errors
from gateway.wire.body import Tree, read_answer
from gateway.wire.dialect import Event, EventKind, StreamReader
from gateway.wire.sse import EventSplitter, EventTooLarge, data_of

MAX_HELD_BYTES: Final = 256 * 1024
"""Lifecycle frames that are held back while failover is still possible."""

DRAIN_S: Final = 1.0
BRIDGE_DROPPED: Final = "x-egress-dropped"
"""Names the request fields that the bridge could not carry; a vendor's own header of this name never gets here."""


class Relay:
    """Relays one attempt's answer to the client. ``started`` tells whether failover is over."""

    def __init__(
        self,
        case: Case,
        target: Target,
        booking: Booking,
        meter: Meter,
        respond: Responder,
        *,
        answered: Answered | None = None,
        vault: Vault | None = None,
    ) -> None:
        """Take what the answer needs: ``answered`` labels it, ``vault`` has the values that its target did not see."""
        self._case = case
        self._answered = answered
        self._vault = vault
        self._wants_json = _wants_json(case.tree)
        self._unmasker = None if vault is None else StreamUnmasker(vault, json_content=self._wants_json)
        self._target = target
        self._booking = booking
        self._meter = meter
        self._respond = respond
        self.reason: Reason | None = None
        self.rule = ""
        self.dropped: tuple[str, ...] = ()
        self.started = False

    async def whole(self, answer: UpstreamAnswer, deadline: Deadline, limit: int) -> None:
        """Relay an answer that is not a stream: read, judge, settle, then send.

        Raises:
            AttemptFailed: it is no answer; nothing was sent.
            UpstreamBroken: it ended early; nothing was sent.
        """
        body = await read_all(answer, limit)
        try:
            tree = read_answer(body)
        except ValueError:
            raise AttemptFailed(Failure.BROKEN, "the upstream's answer is not JSON", status=200) from None
        judged = self._case.inbound.dialect.answer(tree)
        if judged.error is not None:
            raise from_event(judged.error, code_of(body))
        deadline.over()
        self._meter.answer = judged
        self._meter.first_content = self._booking.now()
        names = (str(tree.get("model") or ""), str(tree.get("id") or ""))
        if self._answered is not None:
            await self._answered.label(tree)
        if self._vault is not None:
            body = whole_answer(tree, self._vault, json_content=self._wants_json)
        await self._booking.settle("ok", HTTPStatus.OK, response=names)
        await self._booking.finish(HTTPStatus.OK, reason=self.reason, rule=self.rule)
        self.started = True
        await self._respond.start(
            HTTPStatus.OK,
            [
                *self._head(answer),
                (b"content-length", str(len(body)).encode()),
                headers.cost_header(self._booking.cost),
            ],
        )
        await self._respond.finish(body)

    async def stream(self, answer: UpstreamAnswer, deadline: Deadline) -> None:
        """Relay a stream; its terminal frame goes out only after its settlement is durable.

        Raises:
            AttemptFailed: it failed before any content; nothing was sent.
            UpstreamBroken: it broke before any content; nothing was sent.
        """
        reader = self._meter.reader = self._case.inbound.dialect.reader(usage_asked=self._case.shape.usage_asked)
        splitter = EventSplitter()
        held: list[bytes] = []
        try:
            async for chunk in answer.chunks():
                out: list[bytes] = []
                for raw in splitter.feed(chunk):
                    event = reader.read(raw)
                    if event.kind is EventKind.TERMINAL:
                        self._check_not_empty(reader)
                        deadline.over()
                        await self._deliver(answer, [*held, *out, self._rest()])
                        await self._end(event.raw)
                        await self._drain(answer)
                        return
                    if event.kind is EventKind.ERROR:
                        deadline.over()
                        await self._error(event, [*held, *out])
                        return
                    self._note(event, deadline)
                    out.append(self._plain(event.raw))
                if self.started or self._meter.first_content is not None:
                    await self._deliver(answer, [*held, *out])
                    held.clear()
                else:
                    held += out
                    if sum(map(len, held)) > MAX_HELD_BYTES:
                        raise AttemptFailed(Failure.BROKEN, "too many bytes before any content", status=200)
        except (UpstreamBroken, EventTooLarge) as broken:
            if not self.started:
                raise AttemptFailed(Failure.BROKEN, "the stream broke before any content", status=200) from broken
            deadline.over()
            await self.fail("the upstream cut its answer off")
            return
        deadline.over()
        await self._ended_without_terminal(answer, held, splitter.rest())

    async def fail(self, message: str, error: str = "upstream_error") -> None:
        """End a stream that already started with an error in its own dialect; nothing is resent elsewhere."""
        failure = UpstreamError(message)
        if self._answered is not None:
            await self._answered.label()
        await self._booking.settle(error, HTTPStatus.OK)
        await self._booking.finish(HTTPStatus.OK, error, reason=self.reason, rule=self.rule)
        await self._respond.finish(wire_errors.event(self._case.inbound.dialect, failure, self._case.inbound.id))

    def _note(self, event: Event, deadline: Deadline) -> None:
        if event.kind is EventKind.CONTENT:
            if self._meter.first_content is None:
                self._meter.first_content = self._booking.now()
            deadline.content()
        elif event.kind is EventKind.FINISH and self._meter.first_content is None:
            self._meter.first_content = self._booking.now()

    async def _deliver(self, answer: UpstreamAnswer, events: list[bytes]) -> None:
        if not self.started:
            self.started = True
            await self._respond.start(HTTPStatus.OK, [*self._head(answer), (b"cache-control", b"no-cache")])
        data = b"".join(events)
        if data:
            await self._respond.send(data)

    def _plain(self, raw: bytes) -> bytes:
        """Return an event as the client gets it: with the values that the target did not see."""
        if self._answered is not None:
            self._answered.event(raw)
        return raw if self._unmasker is None else self._unmasker.event(raw)

    def _rest(self) -> bytes:
        return b"" if self._unmasker is None else self._unmasker.end()

    async def _end(self, terminal: bytes) -> None:
        if self._answered is not None:
            await self._answered.label()
        await self._booking.settle("ok", HTTPStatus.OK)
        await self._booking.finish(HTTPStatus.OK, reason=self.reason, rule=self.rule)
        await self._respond.finish(terminal)

    def _check_not_empty(self, reader: StreamReader) -> None:
        """Refuse a stream that ends properly but says nothing at all: no content, no finish.

        Raises:
            AttemptFailed: it is such a one; nothing was sent.
        """
        if not self.started and not reader.content_events and not reader.finish:
            raise AttemptFailed(Failure.BROKEN, "the stream ended before any content", status=200)

    async def _drain(self, answer: UpstreamAnswer) -> None:
        """Read what little follows the terminal frame, so that the connection can be kept."""
        with anyio.move_on_after(DRAIN_S), suppress(UpstreamBroken):
            async for _ in answer.chunks():
                continue

    async def _error(self, event: Event, before: list[bytes]) -> None:
        if not self.started:
            raise from_event(event.error, code_of(data_of(event.raw)))
        if before:
            await self._respond.send(b"".join(before))
        await self.fail("the upstream reported an error in the middle of its answer")

    async def _ended_without_terminal(self, answer: UpstreamAnswer, held: list[bytes], rest: bytes) -> None:
        """A stream without its terminal frame is truncated unless its finish was seen: then all content came."""
        if self._meter.finish:
            await self._deliver(answer, held)
            last = self._plain(rest)
            tail = self._rest()
            await self._end(last.rstrip(b"\r\n") + b"\n\n" * bool(last) + tail if tail else last)
        elif self.started:
            await self.fail("the upstream ended its answer without a finish")
        else:
            raise AttemptFailed(Failure.BROKEN, "the stream ended before any content", status=200)

    def _head(self, answer: UpstreamAnswer) -> headers.RawHeaders:
        back = headers.passed_back(answer.head.headers.items())
        bridged = answer.head.headers.get(BRIDGE_DROPPED, "") if self._target.zone == "closed" else ""
        dropped = (*self.dropped, bridged) if bridged else self.dropped
        masked = () if self._vault is None else self._vault.kinds()
        told = headers.served(
            self._case, self._target, reason=self.reason, rule=self.rule, dropped=dropped, masked=masked
        )
        return [*back, *told]


def _wants_json(tree: Tree) -> bool:
    """Tell whether the caller asked for JSON as the answer's content."""
    wanted = tree.get("response_format")
    return isinstance(wanted, dict) and wanted.get("type") in {"json_object", "json_schema"}


async def read_all(answer: UpstreamAnswer, limit: int) -> bytes:
    """Return a whole body.

    Raises:
        AttemptFailed: it is larger than ``limit`` bytes.
        UpstreamBroken: it ended early.
    """
    pieces: list[bytes] = []
    size = 0
    async for piece in answer.chunks():
        size += len(piece)
        if size > limit:
            raise AttemptFailed(Failure.BROKEN, "the upstream's answer is too large", status=answer.head.status)
        pieces.append(piece)
    return b"".join(pieces)
