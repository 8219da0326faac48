"""The ASGI application: takes one request from its bytes to its end, and notices when the client has gone."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

import anyio

from gateway.sandbox.anthropic import AnthropicWire
from gateway.sandbox.channel import LABEL, Channel
from gateway.sandbox.faults import Faults, InvalidFault
from gateway.sandbox.generate import Generation, play_probe
from gateway.sandbox.introspection import PREFIX, introspect
from gateway.sandbox.openai import OpenAIWire
from gateway.sandbox.settings import SandboxSettings, Vendor
from gateway.sandbox.sglang import SGLangWire
from gateway.sandbox.state import Record, State
from gateway.sandbox.wire import (
    QueueFull,
    Receive,
    SandboxAnswer,
    SandboxRefusal,
    SandboxRequest,
    Scope,
    Send,
    Wire,
    dump,
)

FAULT_HEADER = "x-sandbox-fault"
_RETRY_AFTER = (("retry-after", "1"),)
_TOO_MANY = 429


class SandboxApp:
    """A stand-in upstream as a plain ASGI application."""

    def __init__(self, vendor: Vendor, settings: SandboxSettings) -> None:
        self.state = State.start(vendor, settings)
        self._wire = _wire(self.state)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, as ASGI wants it."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        request = await _read(scope, receive)
        if request is None:
            return
        if request.path.startswith(PREFIX):
            await self._watched(Record(0, request), scope, receive, send)
            return
        record = self.state.receive(request)
        self.state.count_open(1)
        try:
            await self._watched(record, scope, receive, send)
        finally:
            self.state.count_open(-1)

    async def _watched(self, record: Record, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and stop as soon as the client hangs up."""
        async with anyio.create_task_group() as group:
            group.start_soon(_watch, receive, record, group.cancel_scope)
            headers = ((LABEL, self.state.vendor.value), *self._wire.headers())
            await self._respond(record, Channel(scope, send, record, headers))
            group.cancel_scope.cancel()

    async def _respond(self, record: Record, channel: Channel) -> None:
        request = record.request
        if request.path.startswith(PREFIX):
            await channel.answer(await introspect(self.state, request))
            return
        try:
            faults = self._faults(request)
        except InvalidFault as error:
            await channel.answer(SandboxAnswer(400, dump({"error": str(error)})))
            return
        channel.tiny = faults.tiny_writes
        dialect = self._wire.dialects.get(request.path) if request.method == "POST" else None
        try:
            if faults.status is not None:
                raise SandboxRefusal(faults.status, "The sandbox was asked to fail.")  # noqa: TRY301
            self._wire.admit(request)
            if dialect is None:
                await play_probe(self.state, faults, channel, request.path, lambda: self._wire.look_up(request))
                return
            job = dialect.parse(request)
            try:
                await Generation(self.state, record, dialect, job, faults).play(channel)
            except QueueFull:
                await channel.answer(dialect.overloaded(stream=job.stream))
        except SandboxRefusal as refusal:
            await channel.answer(_with_retry((dialect or self._wire).refuse(refusal)))

    def _faults(self, request: SandboxRequest) -> Faults:
        header = request.headers.get(FAULT_HEADER)
        if header and self.state.settings.allow_header_faults:
            return Faults.of_header(header)
        generation = request.method == "POST" and request.path in self._wire.dialects
        return self.state.faults.take(probe=not generation)


def build(vendor: Vendor, *, settings: SandboxSettings | None = None) -> SandboxApp:
    """Make the application of one vendor.

    Raises:
        InvalidFault: The settings name a fault that does not exist.
    """
    return SandboxApp(vendor, settings or SandboxSettings())


def _wire(state: State) -> Wire:
    match state.vendor:
        case Vendor.SGLANG:
            return SGLangWire(state.settings, state.meters)
        case Vendor.OPENAI:
            return OpenAIWire(state.settings)
        case Vendor.ANTHROPIC:
            return AnthropicWire(state.settings)


def _with_retry(answer: SandboxAnswer) -> SandboxAnswer:
    if answer.status != _TOO_MANY:
        return answer
    return SandboxAnswer(answer.status, answer.body, answer.content_type, answer.headers + _RETRY_AFTER)


async def _read(scope: Scope, receive: Receive) -> SandboxRequest | None:
    """Read a request to its end; None if the client hung up before."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    query = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
    return SandboxRequest(scope["method"], scope["path"], query, _headers(scope), bytes(body))


def _headers(scope: Scope) -> Mapping[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


async def _watch(receive: Receive, record: Record, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    record.disconnected = not (record.finished or record.cut)
    scope.cancel()


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return
