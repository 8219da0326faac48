"""Writes one response, so that each labelled header, each counted chunk and each broken connection has one place."""

import asyncio
from collections.abc import Iterable

import anyio

from gateway.sandbox.state import Record
from gateway.sandbox.wire import SandboxAnswer, Scope, Send

LABEL = "x-sandbox"
TRANSPORT = "gateway.sandbox.transport"
_TINY = 2


class Channel:
    """The way back to the client of one request."""

    def __init__(self, scope: Scope, send: Send, record: Record, headers: Iterable[tuple[str, str]]) -> None:
        self._scope = scope
        self._send = send
        self._record = record
        self._headers = list(headers)
        self.tiny = False

    async def answer(self, answer: SandboxAnswer) -> None:
        """Send a whole response."""
        await self.start(
            answer.status, answer.content_type, (*answer.headers, ("content-length", str(len(answer.body))))
        )
        await self.write(answer.body)
        await self.end()

    async def start(self, status: int, content_type: str | None, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Send status and headers."""
        pairs = [*self._headers, *headers]
        if content_type:
            pairs.append(("content-type", content_type))
        self._record.status = status
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
        await self._send({"type": "http.response.start", "status": status, "headers": encoded})

    async def write(self, data: bytes) -> None:
        """Send a part of the body; two bytes at a time if asked to."""
        step = _TINY if self.tiny else max(len(data), 1)
        for at in range(0, len(data), step):
            await self._send({"type": "http.response.body", "body": data[at : at + step], "more_body": True})
            await anyio.lowlevel.checkpoint()

    async def end(self) -> None:
        """End the body."""
        self._record.finished = True
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def cut(self) -> None:
        """Close the connection without ending the body.

        Servers that do not hand their transport down close it when the application returns too early.
        """
        self._record.cut = True
        transport = self._scope.get("state", {}).get(TRANSPORT)
        if isinstance(transport, asyncio.Transport):
            transport.close()
            await anyio.sleep_forever()
