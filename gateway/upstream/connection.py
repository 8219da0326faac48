"""One keep-alive HTTP/1.1 connection to an upstream: bytes in, bytes out, parsed by llhttp (``httptools``).

Own code because it is the hot path: packaged clients cost 2 to 35 times the CPU (docs/adr/0006). No redirects, no
cookies, no proxies, no decompression, on purpose.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final, cast

import httptools

from gateway.ports import UpstreamBroken, UpstreamHead

HIGH_WATER: Final = 256 * 1024
MAX_HEADERS: Final = 64 * 1024
STALE_S: Final = 1.0
"""A server that closes a kept connection within this time had done so before it saw the request."""


class StreamedAnswer:
    """An answer whose body is still coming. One reader; ``chunks`` pulls, and what is not pulled stops the sender."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._loop = connection.loop
        self.pieces: list[bytes] = []
        self._queued = 0
        self._waiter: asyncio.Future[None] | None = None
        self._headers: dict[str, str] = {}
        self._header_bytes = 0
        self.head = UpstreamHead(0, self._headers)
        """Status and headers."""
        self._asked = self._loop.time()
        self.received = 0
        self.taker: Callable[[bytes], bool] | None = None
        self.head_seen = False
        self.complete = False
        self.error: Exception | None = None

    async def wait_head(self) -> None:
        """Return when the head has come.

        Raises:
            UpstreamBroken: the connection ended before.
        """
        while not self.head_seen:
            if self.error is not None:
                raise UpstreamBroken("closed before it answered", sent=True) from self.error
            await self._wait()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives: all that has arrived since the last pull, in one piece.

        Raises:
            UpstreamBroken: the connection ended before the body did.
        """
        while True:
            while not self.pieces:
                if self.complete:
                    return
                if self.error is not None:
                    raise UpstreamBroken("closed in the middle of its answer", sent=True) from self.error
                await self._wait()
            pieces, self.pieces, self._queued = self.pieces, [], 0
            self._connection.resume()
            yield pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def _wait(self) -> None:
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def went_stale(self) -> bool:
        """Return whether the server cannot have worked on the request: closed at once, without a byte of an answer."""
        return not self.received and self._loop.time() - self._asked < STALE_S

    def went_unheard(self) -> bool:
        """Return whether the server closed before all of the request was written: it cannot have understood it."""
        return not self.received and isinstance(self.error, BrokenPipeError)

    def wake(self) -> None:
        """Let the reader look again."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def add_header(self, name: bytes, value: bytes) -> None:
        """Take one header from the parser."""
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MAX_HEADERS:
            raise httptools.HttpParserError("header section too large")
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def set_status(self, status: int) -> None:
        """Take the status line; an interim answer (1xx) is forgotten."""
        if status < 200:  # noqa: PLR2004 -- RFC 9110, 15.2
            self._headers.clear()
            return
        self.head = UpstreamHead(status, self._headers)
        self.head_seen = True

    def add_body(self, data: bytes) -> bool:
        """Queue a piece; returns True if the sender should pause."""
        self.pieces.append(data)
        self._queued += len(data)
        return self._queued > HIGH_WATER


class Connection(asyncio.Protocol):
    """Sends one request at a time and feeds its answer."""

    def __init__(self, loop: asyncio.AbstractEventLoop, released: Callable[["Connection"], None]) -> None:
        self.loop = loop
        self._released = released
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._answer: StreamedAnswer | None = None
        self._paused = False
        self._surplus = False
        self.closed = False
        self.idle_since = 0.0
        self.used = False

    def request(self, data: bytes) -> StreamedAnswer:
        """Send a request; the connection must be idle."""
        assert self._transport is not None
        self.resume()  # the last reader may have left before it had read all
        self._answer = answer = StreamedAnswer(self)
        self._parser = httptools.HttpResponseParser(self)
        self._transport.write(data)
        return answer

    def abort(self) -> None:
        """Close at once, so that the upstream stops."""
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

    def resume(self) -> None:
        """Let the upstream send again."""
        if self._paused and self._transport is not None and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio: connected."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Asyncio: bytes of an answer, or bytes that nobody requested."""
        answer = self._answer
        if answer is None or self._parser is None:
            self.abort()
            return
        answer.received += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(answer, error)
            self.abort()
            return
        if not answer.head_seen and answer.received > MAX_HEADERS:
            self._fail(answer, ValueError("head too large"))
            self.abort()
        elif self._surplus:
            self.abort()
        if answer.pieces or answer.taker is None or answer.complete:
            answer.wake()

    def eof_received(self) -> None:
        """Asyncio: the other side is done; without a length that is how a body ends (RFC 9112, 6.3)."""
        answer = self._answer
        if answer is not None and answer.head_seen:
            headers = answer.head.headers
            if "content-length" not in headers and "transfer-encoding" not in headers:
                answer.complete = True

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio: closed."""
        self.closed = True
        if self._answer is not None:
            self._fail(self._answer, exc or ConnectionResetError("closed"))

    def _fail(self, answer: StreamedAnswer, error: Exception) -> None:
        if not answer.complete:
            answer.error = error
        self._answer = None
        answer.wake()

    def on_message_begin(self) -> None:
        """httptools: an answer begins; an unrequested one makes the connection unusable for the next request."""
        self._surplus = self._answer is None

    def on_header(self, name: bytes, value: bytes) -> None:
        """httptools: one header."""
        if self._answer is not None:
            self._answer.add_header(name, value)

    def on_headers_complete(self) -> None:
        """httptools: end of the head."""
        if self._answer is not None and self._parser is not None:
            self._answer.set_status(self._parser.get_status_code())

    def on_body(self, body: bytes) -> None:
        """httptools: a piece of the body."""
        answer = self._answer
        if answer is None or (answer.taker is not None and not answer.pieces and answer.taker(body)):
            return
        if answer.add_body(body) and not self._paused and self._transport:
            self._paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """httptools: end of the body."""
        answer = self._answer
        if answer is None or not answer.head_seen or self._parser is None:
            return
        answer.complete = True
        self._answer = None
        if self._parser.should_keep_alive() and not self.closed:
            self._released(self)
        elif self._transport is not None:
            self.closed = True
            self._transport.close()
