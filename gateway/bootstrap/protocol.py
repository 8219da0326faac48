"""uvicorn's HTTP protocol with what ASGI lacks: it says when a client hangs up, and cuts off one that stops reading.

ASGI lets an app learn of a hang-up only by waiting for a message, which takes a task beside each call. The protocol
knows it anyway, so it says so. (With a second request sent ahead on the same connection uvicorn reads no further, so it
learns of a hang-up only when it writes.)

ASGI's ``send`` waits while the client's window is full, and the layers above cannot distinguish a client that reads no
more from a slow network: a slow reader must not hold a call, its budget and its server's slot forever. So the protocol
watches, from the moment the write buffer is over its high-water mark until it is under the low one. A client has to
take the difference, 48 KB as uvicorn and asyncio set them, in that time. A connection that is cut looks to the call
like a client that hung up, and is booked as one.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from gateway.asgi import CONNECTION, Scope

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application


class ClientConnection(HttpToolsProtocol):
    """One client's connection, a :class:`gateway.asgi.Connection` for the requests on it."""

    write_s: ClassVar[float] = 60.0
    room = True
    on_hang_up: Callable[[], None] | None = None
    _stalled: asyncio.TimerHandle | None = None
    _running: RequestResponseCycle | None = None

    def on_message_begin(self) -> None:
        """httptools: a request begins; give it its connection."""
        super().on_message_begin()
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]  # a key of our own
        scope[CONNECTION] = self

    def on_message_complete(self) -> None:
        """httptools: the body is here; read on, for a connection that is not read does not say that it was closed.

        uvicorn stops reading while a body waits to be taken, and goes on when it is asked for more. Nobody asks for
        more than the body. With another request queued behind this one it has stopped for that, and must not go on.
        """
        super().on_message_complete()
        if not self.pipeline:
            self.flow.resume_reading()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: "ASGI3Application") -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def has_whole(self, scope: Scope) -> bool:
        """Return whether the body of a request has come in completely."""
        return self.cycle.scope is scope and not self.cycle.more_body

    def pass_on(self, body: bytes) -> None:
        """Send a piece of a stream that has begun and not ended, as uvicorn does it in several steps."""
        assert self._running is not None
        if self._running.chunked_encoding:
            self.transport.write(b"%x\r\n%b\r\n" % (len(body), body))
        else:
            self._running.expected_content_length -= len(body)
            self.transport.write(body)

    def answer(self, scope: Scope, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bool:
        """Send a whole answer in one piece, as uvicorn does it in several steps; False: uvicorn must do it."""
        cycle = self._running
        if cycle is None or cycle.scope is not scope or not cycle.keep_alive or scope["method"] == "HEAD":
            return False
        if cycle.response_started or cycle.disconnected or self.flow.write_paused:
            return False
        fields = [*cycle.default_headers, *headers]
        head = b"".join([STATUS_LINE[status], *[b"%b: %b\r\n" % field for field in fields]])
        lines = len(fields) + 1
        if head.count(b"\n") != lines or head.count(b"\r") != lines or b"\0" in head:
            return False  # a value would make a header of its own: uvicorn refuses it
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = cycle.chunked_encoding = False
        self.transport.write(head + b"\r\n" + body)
        cycle.message_event.set()
        cycle.on_response()
        return True

    def pause_writing(self) -> None:
        """Start the time within which the client must take what waits for it."""
        self.room = False
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self.write_s, self._cut)

    def resume_writing(self) -> None:
        """Stop it: the client reads."""
        self._watch_no_more()
        self.room = True
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop it, and say that the client has gone."""
        self._watch_no_more()
        self.room = False
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True  # uvicorn says so to the newest request alone, which may wait behind it
        super().connection_lost(exc)
        if self.on_hang_up is not None:
            self.on_hang_up()

    def _cut(self) -> None:
        self._stalled = None
        self.transport.abort()  # close() would wait for the client to take what is buffered

    def _watch_no_more(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None


def cutting_off_after(seconds: float) -> type[ClientConnection]:
    """Return the protocol with a limit in seconds."""
    return type("CuttingOff", (ClientConnection,), {"write_s": seconds})
