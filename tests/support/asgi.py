"""An ASGI server of a few lines: one request in, one answer out."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import anyio

from gateway.asgi import CONNECTION


class Gone:
    """The event that a client has hung up; its connection says so at once."""

    def __init__(self, call: "Call") -> None:
        self._call = call
        self._event = anyio.Event()

    def set(self) -> None:
        self._event.set()
        if self._call.on_hang_up is not None:
            self._call.on_hang_up()

    async def wait(self) -> None:
        await self._event.wait()


class Call:
    """One request to an app. The client hangs up after its body if ``stays`` is False."""

    def __init__(
        self,
        method: str,
        path: str,
        body: bytes | Sequence[bytes] = b"",
        headers: Sequence[tuple[bytes, bytes]] = (),
        *,
        stays: bool = True,
    ) -> None:
        self.scope = {"type": "http", "method": method, "path": path, "headers": list(headers), CONNECTION: self}
        self.on_hang_up: Callable[[], None] | None = None
        pieces = [body] if isinstance(body, bytes) else list(body)
        last = len(pieces) - 1
        self._messages: list[dict[str, Any]] = [
            {"type": "http.request", "body": piece, "more_body": number < last} for number, piece in enumerate(pieces)
        ]
        self.received = 0
        self.stays = stays
        self.gone = Gone(self)
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.complete = False

    def has_whole(self, scope: Any) -> bool:
        return scope is self.scope and len(self._messages) == 1 and not self._messages[0]["more_body"]

    @property
    def room(self) -> bool:
        return self.status > 0 and not self.complete

    def pass_on(self, body: bytes) -> None:
        self.body += body

    def answer(self, *_: Any) -> bool:
        return False

    async def receive(self) -> dict[str, Any]:
        await anyio.lowlevel.checkpoint()
        if self._messages:
            self.received += 1
            return self._messages.pop(0)
        if self.stays:
            await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        await anyio.lowlevel.checkpoint()
        if message["type"] == "http.response.start":
            assert not self.status, "a response starts once"
            self.status = message["status"]
            for name, value in message["headers"]:
                assert name.decode() not in self.headers, name
                self.headers[name.decode()] = value.decode("latin-1")
        else:
            assert self.status, "a body comes after its head"
            assert not self.complete, "a response ends once"
            self.body += message["body"]
            self.complete = not message["more_body"]

    async def to(self, app: Any) -> "Call":
        await app(self.scope, self.receive, self.send)
        return self

    @property
    def json(self) -> Any:
        return json.loads(self.body)
