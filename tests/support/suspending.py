"""Stores that wait before and after every call, and a harness that hangs up at the n-th of these points.

Fakes that answer at once hide bugs of cancellation: a real store waits for a socket or a disk, and a client may hang up
just then. :func:`at_every_point` runs a scene once for every point at which that can happen.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import anyio
import anyio.lowlevel
from support.fakes import Client, Fakes

from gateway.ports import ClientStalled

MOST_POINTS = 400


class Points:
    """Counts the points at which a call waits; cancels its scope at one of them."""

    def __init__(self, at: int | None = None) -> None:
        self.at = at
        self.count = 0
        self.scope = anyio.CancelScope()
        self.where = ""

    async def point(self, where: str) -> None:
        self.count += 1
        if self.count == self.at:
            self.where = where
            self.scope.cancel()
        await anyio.lowlevel.checkpoint()


class Suspending:
    """A store, every asynchronous method of which waits before and after it did its work."""

    here, remote = False, True

    def __init__(self, inner: Any, points: Points) -> None:
        self._inner = inner
        self._points = points

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found) or not _is_async(found):
            return found

        async def waits(*args: Any, **more: Any) -> Any:
            await self._points.point(f"before {name}")
            result = await found(*args, **more)
            await self._points.point(f"after {name}")
            return result

        return waits


def _is_async(function: Any) -> bool:
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    return bool(code and code.co_flags & 0x80)


class SuspendingUpstream:
    """An upstream that waits before its head, before each piece, and when it is left."""

    def __init__(self, inner: Any, points: Points) -> None:
        self._inner, self._points = inner, points

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @asynccontextmanager
    async def open(self, call: Any) -> AsyncGenerator[Any]:
        await self._points.point("before the upstream is asked")
        async with self._inner.open(call) as answer:
            await self._points.point("after the upstream's head")
            yield answer


class SuspendingClient(Client):
    """A client to which every write waits."""

    def __init__(self, points: Points) -> None:
        super().__init__()
        self._points = points

    room = False

    async def start(self, status: int, headers: Any) -> None:
        await self._points.point("before the head goes out")
        await super().start(status, headers)

    async def send(self, body: bytes) -> None:
        await self._points.point("before a piece goes out")
        await super().send(body)
        await self._points.point("after a piece went out")

    async def finish(self, body: bytes = b"") -> None:
        await self._points.point("before the end goes out")
        await super().finish(body)
        await self._points.point("after the end went out")


@dataclass
class Run:
    """One run of a scene that was cancelled at one point, or not at all."""

    fakes: Fakes
    client: SuspendingClient
    points: Points
    finished: bool
    """The call came to its end before the point was reached."""


def suspended(fakes: Fakes, points: Points) -> Fakes:
    """Let every port of a world wait at points."""
    fakes.state = Suspending(fakes.state, points)
    fakes.sessions = Suspending(fakes.sessions, points)
    fakes.spool = Suspending(fakes.spool, points)  # type: ignore[assignment]
    fakes.upstream = SuspendingUpstream(fakes.upstream, points)  # type: ignore[assignment]
    return fakes


def at_every_point(make: Callable[[], Fakes], serve: Callable[[Fakes, Client], Awaitable[None]]) -> Iterator[Run]:
    """Yield a run for each point at which the client can hang up, the last one without a hang-up."""
    for at in range(1, MOST_POINTS):
        run = anyio.run(_run, at, make, serve)
        yield run
        if run.finished:
            return
    raise AssertionError("the call never came to its end")


async def _run(at: int, make: Callable[[], Fakes], serve: Callable[[Fakes, Client], Awaitable[None]]) -> Run:
    points = Points(at)
    fakes, client = suspended(make(), points), SuspendingClient(points)
    with anyio.fail_after(20), points.scope, suppress(ClientStalled):
        await serve(fakes, client)
    return Run(fakes, client, points, not points.scope.cancel_called)
