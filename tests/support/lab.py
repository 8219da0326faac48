"""A whole gateway in one process and without a socket: the pipeline, the way to the egress, and the egress, for real.

Only the ends are stand-ins: local servers and vendors answer as a test says, and keep every byte that reached them.
"""

import base64
import io
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anyio
from support.asgi import Call
from support.fakes import (
    AT_NS,
    BLOCK_START,
    BLOCK_STOP,
    CHAT,
    DONE,
    MESSAGE_DELTA,
    MESSAGE_START,
    MESSAGE_STOP,
    TRACE,
    Client,
    Clock,
    FakeBoard,
    FakeSpool,
    Observer,
    chunk,
    completion,
    message,
    named,
    policy,
)

from gateway.domain.records import Receipt
from gateway.egress.admission import TicketGate
from gateway.egress.app import Egress
from gateway.egress.chain import Chain
from gateway.egress.outgoing import Outgoing, VendorAnswer, VendorBroken
from gateway.egress.screen import Screen
from gateway.pipeline.handle import handle
from gateway.pipeline.inbound import Headers, Inbound
from gateway.pipeline.salt import Salt
from gateway.pipeline.world import World
from gateway.policy.snapshot import PolicySnapshot
from gateway.ports import Principal, UpstreamBroken, UpstreamCall, UpstreamHead
from gateway.stores.sessions.memory import MemorySessions
from gateway.stores.state.memory import MemoryState
from gateway.telemetry.egress_metrics import EgressMetrics
from gateway.telemetry.logs import Log
from gateway.ticket.claims import TicketKey
from gateway.upstream.egress import EgressUpstream
from gateway.upstream.routes import Routes

KEY = TicketKey("k", b"s" * 32)
SEALED = "EqQBCgIYAhIMSealed"


@dataclass(frozen=True)
class Captured:
    """What reached a server."""

    target: str
    zone: str
    body: bytes
    headers: Any = None


@dataclass
class Behaviour:
    """How one target behaves from now on."""

    mode: str = "ok"
    """ok, error, saturated, refuses, cut, garbage, unauthorized."""
    says: str = "Hello"
    model: Callable[[Any, str], list[bytes]] | None = None
    """What answers a request of a path, in pieces; a stream if the request wants one."""
    before: Callable[[], Awaitable[None]] | None = None
    """Happens once, before the next answer."""


def answer(behaviour: Behaviour, path: str, asked: Any) -> tuple[int, str, list[bytes | Exception]]:
    """Return status, content type and pieces of an answer."""
    stream = bool(asked.get("stream"))
    if behaviour.model is not None:
        content_type = "text/event-stream" if stream else "application/json"
        return 200, content_type, [*behaviour.model(asked, path)]
    errors = {"error": 500, "saturated": 429, "unauthorized": 401}
    if behaviour.mode in errors:
        return errors[behaviour.mode], "application/json", [b'{"error":{"message":"no"}}']
    if behaviour.mode == "garbage":
        return 200, "text/html", [b"<html>"]
    chat, said = path == CHAT.path, behaviour.says
    if not stream:
        data = completion(said) if chat else message(content=[{"type": "text", "text": said}])
        return 200, "application/json", [json.dumps(data).encode()]
    if chat:
        pieces = [chunk(said[:3]), chunk(said[3:]), chunk(finish="stop"), DONE]
    else:
        delta = named("content_block_delta", index=0, delta={"type": "text_delta", "text": said})
        pieces = [MESSAGE_START, BLOCK_START, delta, BLOCK_STOP, MESSAGE_DELTA, MESSAGE_STOP]
    return 200, "text/event-stream", [*pieces[:2], ConnectionResetError()] if behaviour.mode == "cut" else [*pieces]


class Vendor:
    """All closed targets: a way out of the egress that keeps what it is given."""

    def __init__(self, lab: "Lab") -> None:
        self._lab = lab

    @asynccontextmanager
    async def send(self, outgoing: Outgoing) -> AsyncGenerator[VendorAnswer]:
        name = outgoing.target.id
        behaviour = self._lab.behaviour(name)
        if behaviour.mode == "refuses":
            raise VendorBroken("refused", reached=False)
        self._lab.captured.append(Captured(name, "closed", outgoing.body, outgoing.headers))
        await self._lab.happen(behaviour)
        asked = json.loads(outgoing.body)
        status, content_type, pieces = answer(behaviour, outgoing.path, asked)
        yield VendorAnswer(status, [("content-type", content_type)], _pieces(pieces, VendorBroken("cut")))


class Local:
    """All local targets."""

    def __init__(self, lab: "Lab") -> None:
        self._lab = lab

    @asynccontextmanager
    async def open(self, call: UpstreamCall) -> AsyncGenerator["Answer"]:
        behaviour = self._lab.behaviour(call.target.id)
        if behaviour.mode == "refuses":
            raise UpstreamBroken("refused", sent=False)
        self._lab.captured.append(Captured(call.target.id, "local", call.body, call.headers))
        await self._lab.happen(behaviour)
        asked = json.loads(call.body)
        status, content_type, pieces = answer(behaviour, call.path, asked)
        broken = UpstreamBroken("cut", sent=True)
        yield Answer(UpstreamHead(status, {"content-type": content_type}), _pieces(pieces, broken))


@dataclass
class Answer:
    """An answer whose body is still coming."""

    head: UpstreamHead
    _body: AsyncIterator[bytes]
    complete: bool = False
    taker: Callable[[bytes], bool] | None = None

    def chunks(self) -> AsyncIterator[bytes]:
        return self._body


async def _pieces(pieces: list[bytes | Exception], broken: Exception) -> AsyncIterator[bytes]:
    for piece in pieces:
        await anyio.lowlevel.checkpoint()
        if isinstance(piece, Exception):
            raise broken
        yield piece


class Wire:
    """The way from edge to egress: HTTP as the edge writes it, read by hand, into the egress's ASGI app."""

    def __init__(self, lab: "Lab") -> None:
        self._lab = lab

    @asynccontextmanager
    async def send(self, request: bytes, connect_timeout: float, *, once: bool = False) -> AsyncGenerator[Answer]:
        if self._lab.egress_down:
            raise UpstreamBroken("no connection", sent=False)
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        method, path, _ = first.decode().split(" ")
        headers = [(name, value) for name, _, value in (line.partition(b": ") for line in lines)]
        call = Call(method, path, self._lab.tamper(body), headers)
        try:
            await call.to(self._lab.egress)
        except Exception as error:
            raise UpstreamBroken("cut", sent=True) from error
        pieces = self._lab.cut(call.body)
        yield Answer(UpstreamHead(call.status, call.headers), _pieces(pieces, UpstreamBroken("cut", sent=True)))


class TeamKeys:
    """A key a team, called like it; ``:declassify`` behind it is a grant."""

    def find(self, presented: str, now: float) -> Principal | None:
        team, _, grant = presented.partition(":")
        return Principal(f"key_{presented}", team, frozenset({grant} - {""}))


@dataclass
class Lab:
    """The gateway and its surroundings."""

    directory: Path
    snapshot: PolicySnapshot = field(default_factory=policy)
    captured: list[Captured] = field(default_factory=list)
    egress_down: bool = False

    def __post_init__(self) -> None:
        self.egress_snapshot: PolicySnapshot | None = None
        """What the egress has loaded, if not the edge's."""
        self.clock = Clock()
        self.spool = FakeSpool()
        self.board = FakeBoard()
        self.observer = Observer()
        self.sessions: Any = MemorySessions(self.clock)
        self.state = MemoryState(self.clock)
        self.deep: Any = None
        self.behaviours: dict[str, Behaviour] = {}
        self.tamper: Callable[[bytes], bytes] = lambda body: body
        self.cut: Callable[[bytes], list[bytes | Exception]] = lambda body: [body]
        """How an answer of the egress is cut on its way."""
        self._number = 0
        self.egress = self.start_egress()
        self.way = EgressUpstream(_no_dial, KEY, self.clock, self.random, self._keep)
        self.way._pool = Wire(self)

    def start_egress(self) -> Egress:
        """Return a fresh egress instance; an earlier one's tickets are nothing to it."""
        now = lambda: self.clock.wall / 1e9  # noqa: E731
        name = f"egr_{self._number}"
        self._number += 1
        current = lambda: self.egress_snapshot or self.snapshot  # noqa: E731
        self.metrics = EgressMetrics()
        self.chain = Chain(self.directory / "egress", name, lambda: self.clock.wall)
        admission = TicketGate(name, [KEY], current, {"VENDOR_KEY": "sk-1"}, now)
        screen = Screen(current, 64, now, self.metrics.rescanned)
        vendor = Vendor(self)
        self.egress = Egress(
            admission, screen, self.chain, vendor, vendor, self.metrics, 1 << 25, Log("egress", io.StringIO())
        )
        return self.egress

    def random(self, number: int) -> bytes:
        self._number += 1
        return self._number.to_bytes(number, "big")

    def behaviour(self, target: str) -> Behaviour:
        return self.behaviours.setdefault(target, Behaviour())

    async def happen(self, behaviour: Behaviour) -> None:
        if behaviour.before is not None:
            before, behaviour.before = behaviour.before, None
            await before()

    @property
    def world(self) -> World:
        return World(
            clock=self.clock,
            random=self.random,
            policy=lambda: self.snapshot,
            keys=TeamKeys(),
            spool=self.spool,
            state=self.state,
            board=self.board,
            upstream=Routes(Local(self), self.way),
            observer=self.observer,
            salt=Salt(b"salt"),
            sessions=self.sessions,
            instance="edg_lab",
            deep=self.deep,
        )

    async def ask(
        self, body: Any, *, team: str = "t", dialect: Any = CHAT, client: Client | None = None, **headers: str
    ) -> Client:
        """Send one request; header names with underscores for hyphens."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        values = {"authorization": f"Bearer {team}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        repeated = frozenset(name for name, value in values.items() if "\n" in value)
        self._number += 1
        call = Inbound(f"dec_{self._number}", dialect, Headers(values, repeated), raw, self.clock.wall, 100.0, TRACE)
        client = client or Client()
        await handle(call, self.world, client)
        return client

    @property
    def receipts(self) -> list[Receipt]:
        return self.spool.of(Receipt)

    def left(self) -> list[Captured]:
        """What reached vendors."""
        return [one for one in self.captured if one.zone == "closed"]

    def _keep(self, receipt: Receipt) -> None:
        self.spool.append(receipt)


async def _no_dial(make: Any) -> Any:
    raise OSError("the lab has no sockets")


def forms(value: str) -> list[bytes]:
    """Return how a value may hide in a body: as it is, escaped, and encoded at each offset of its carrier."""
    raw = value.encode()
    encoded = [base64.b64encode(b"\0" * pad + raw)[(pad * 8 + 5) // 6 : -4] for pad in range(3)]
    found = [raw, quote(value, safe="").encode(), raw.hex().encode(), json.dumps(value)[1:-1].encode(), *encoded]
    return sorted({one.lower() for one in found if len(one) > 5})


def holds(body: bytes, value: str) -> bool:
    """Return whether a body holds a value in any form, whatever its case."""
    folded = body.lower()
    return any(form in folded for form in forms(value))


__all__ = ["AT_NS", "SEALED", "Behaviour", "Captured", "Lab", "forms", "holds"]
