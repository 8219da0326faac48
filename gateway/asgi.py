"""Plain ASGI, as little as a relay needs: read a body within bounds, answer, and stop when the client hangs up."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Final, Protocol

import anyio

from gateway.domain.errors import RequestTooLarge

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

CONNECTION: Final = "gateway.connection"
"""The key of a scope under which a request's :class:`Connection` is."""
DISCARD_S: Final = 5.0
DISCARD_BYTES: Final = 256 * 1024 * 1024


class Connection(Protocol):
    """A client's connection: what our server offers beyond ASGI."""

    on_hang_up: Callable[[], None] | None
    """What is called once when the client hangs up."""

    def has_whole(self, scope: Scope) -> bool:
        """Return whether the body of a request has come in completely: then reading it does not wait."""

    room: bool
    """Whether the client is there and takes a piece at once."""

    def pass_on(self, body: bytes) -> None:
        """Send a piece of a stream that has begun and not ended."""

    def answer(self, scope: Scope, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bool:
        """Send a whole answer at once; False: nothing was sent, it must go by ASGI."""


class ClientGone(Exception):
    """The client hung up before its request was complete."""


class CutOff(Exception):
    """An answer that began could not be finished: the server closes its connection, lest it be taken for whole."""


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Return the request's body.

    Raises:
        RequestTooLarge: it is, or says that it is, larger than ``limit`` bytes; nothing beyond is kept.
        ClientGone: the client hung up.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > limit:
            await discard(receive)
            raise RequestTooLarge(f"the body is larger than {limit} bytes")
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        piece = message.get("body", b"")
        size += len(piece)
        more = message.get("more_body", False)
        if size > limit:
            if more:
                await discard(receive)
            raise RequestTooLarge(f"the body is larger than {limit} bytes")
        if not more:
            return b"".join([*pieces, piece]) if pieces else bytes(piece)
        pieces.append(piece)


async def discard(receive: Receive) -> None:
    """Drain the rest of an unwanted body, within limits, so that the client reads our answer."""
    left = DISCARD_BYTES
    with anyio.move_on_after(DISCARD_S):
        while left > 0:
            message = await receive()
            left -= len(message.get("body", b""))
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                return


class AsgiResponder:
    """The way back over one ASGI ``send``, past it where the connection takes a piece at once."""

    __slots__ = ("_connection", "_scope", "_send", "finished", "started")

    def __init__(self, send: Send, scope: Scope | None = None) -> None:
        """Take the way back, and of a call whose answer may be a stream also its scope."""
        self._send = send
        self._scope = scope
        self._connection: Connection | None = None if scope is None else scope[CONNECTION]
        self.started = False
        self.finished = False

    async def start(self, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Send the head."""
        self.started = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def send(self, body: bytes) -> None:
        """Send a piece of the body; returns when the client's window has room."""
        if not body:
            return  # as a chunk it would be the last one
        line = self._connection
        if line is not None and line.room:
            line.pass_on(body)
            return
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    def line(self) -> Connection | None:
        """Return the client's connection, to which pieces of a stream that has begun can be sent at once."""
        return self._connection

    async def finish(self, body: bytes = b"") -> None:
        """Send the last piece."""
        self.finished = True
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def whole(self, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> None:
        """Send a whole answer, whose headers hold its length."""
        if self._connection is not None and self._scope is not None:
            self.started = True
            if self._connection.answer(self._scope, status, headers, body):
                self.finished = True
                return
        await self.start(status, headers)
        await self.finish(body)

    async def answer(self, status: int, body: bytes, content_type: str = "application/json") -> None:
        """Send a whole answer."""
        headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
        await self.start(status, headers)
        await self.finish(body)


async def until_hang_up(scope: Scope, work: Callable[[], Awaitable[None]]) -> None:
    """Run ``work`` and cancel it when the client hangs up. Call it once the body was read.

    No task watches for it: the connection itself says so, which costs nothing while nobody hangs up.
    """
    connection: Connection = scope[CONNECTION]
    with anyio.CancelScope() as running:
        mine = connection.on_hang_up = running.cancel
        try:
            await work()
        finally:
            # The answer's end went out in ``work``: the next request of the connection may have begun since then.
            if connection.on_hang_up is mine:
                connection.on_hang_up = None
