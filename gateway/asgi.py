"""Plain ASGI, as little as a relay needs: read a body within bounds, answer, and stop when the client hangs up."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

import anyio

from gateway.domain.errors import RequestTooLarge

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class ClientGone(Exception):
    """The client hung up before its request was complete."""


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Return the request's body.

    Raises:
        RequestTooLarge: it is, or says that it is, larger than ``limit`` bytes; nothing beyond is kept.
        ClientGone: the client hung up.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > limit:
            raise RequestTooLarge(f"the body is larger than {limit} bytes")
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        piece = message.get("body", b"")
        size += len(piece)
        if size > limit:
            raise RequestTooLarge(f"the body is larger than {limit} bytes")
        if not message.get("more_body", False):
            return b"".join([*pieces, piece]) if pieces else bytes(piece)
        pieces.append(piece)


class AsgiResponder:
    """The way back over one ASGI ``send``."""

    __slots__ = ("_send", "finished", "started")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False
        self.finished = False

    async def start(self, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Send the head."""
        self.started = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def send(self, body: bytes) -> None:
        """Send a piece of the body; returns when the client's window has room."""
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def finish(self, body: bytes = b"") -> None:
        """Send the last piece."""
        self.finished = True
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def answer(self, status: int, body: bytes, content_type: str = "application/json") -> None:
        """Send a whole answer."""
        headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
        await self.start(status, headers)
        await self.finish(body)


async def until_disconnect(receive: Receive, work: Callable[[], Awaitable[None]]) -> None:
    """Run ``work`` and cancel it when the client hangs up. Call it once the body was read."""

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            continue
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(watch)
        await work()
        group.cancel_scope.cancel()
