"""Keep-alive pools: one a server, last used first, so that few connections stay warm."""

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Protocol
from urllib.parse import urlsplit

import anyio

from gateway.ports import UpstreamBroken
from gateway.upstream.connection import Connection, StreamedAnswer

MAX_IDLE_S: Final = 4.0
"""uvicorn, and so SGLang, closes idle connections after 5 s; we close first."""


class Dialer(Protocol):
    """Opens one connection."""

    async def __call__(self, make: Callable[[], Connection]) -> Connection:
        """Connect.

        Raises:
            OSError: there is no connection.
        """


@dataclass(frozen=True, slots=True)
class Server:
    """A parsed endpoint."""

    scheme: str
    host: str
    port: int
    prefix: str

    @classmethod
    def parse(cls, url: str) -> "Server":
        """Return the parts of an ``http(s)`` URL.

        Raises:
            ValueError: it is not one.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            msg = "an endpoint is http://host:port or https://host:port"
            raise ValueError(msg)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return cls(parts.scheme, parts.hostname, port, parts.path.rstrip("/"))

    @property
    def authority(self) -> str:
        """Return ``host:port`` as the Host header wants it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class Pool:
    """Connections to one server."""

    def __init__(self, dial: Dialer) -> None:
        self._dial = dial
        self._idle: deque[Connection] = deque()
        self._closed = False

    def send(self, request: bytes, connect_timeout: float, *, once: bool = False) -> "InFlight":
        """Send a request and yield its answer once the head has come; leaving early aborts the upstream.

        A kept connection that the server closed just when it was used again is replaced once by a fresh one. A server
        that dies later may have worked on the request: that is a failed attempt, and for the caller to judge.

        Args:
            request: as it goes over the wire.
            connect_timeout: in seconds.
            once: it is replaced only if the server cannot have read all of the request, however soon it closed.

        Raises:
            UpstreamBroken: on entering: no connection, or no head.
        """
        return InFlight(self, request, connect_timeout, once=once)

    def close(self) -> None:
        """Close what is idle now, and what is in use as soon as its answer is complete."""
        self._closed = True
        while self._idle:
            self._idle.pop().abort()

    def idle(self) -> Connection | None:
        """Return a connection that is kept for the next request; None if there is none."""
        while self._idle:
            connection = self._idle.pop()
            if connection.closed:
                continue
            if connection.loop.time() - connection.idle_since <= MAX_IDLE_S:
                connection.used = True
                return connection
            connection.abort()
        return None

    async def connect(self, seconds: float) -> Connection:
        """Return a new connection.

        Raises:
            UpstreamBroken: there is none, or not in time.
        """
        loop = asyncio.get_running_loop()
        try:
            with anyio.fail_after(seconds):
                return await self._dial(lambda: Connection(loop, self._release))
        except TimeoutError as error:
            raise UpstreamBroken("no connection in time", sent=False) from error
        except (OSError, UnicodeError) as error:  # a host that no name can be: IDNA says so by UnicodeError
            raise UpstreamBroken("no connection", sent=False) from error

    def _release(self, connection: Connection) -> None:
        if self._closed:
            connection.abort()
            return
        now = connection.idle_since = connection.loop.time()
        self._idle.append(connection)
        while self._idle[0].closed or now - self._idle[0].idle_since > MAX_IDLE_S:
            self._idle.popleft().abort()


class InFlight(AbstractAsyncContextManager[StreamedAnswer]):
    """One request and its answer, as a scope. A class: a generator would cost each call four times as much."""

    __slots__ = ("_answer", "_connection", "_once", "_pool", "_request", "_seconds")

    def __init__(self, pool: Pool, request: bytes, seconds: float, *, once: bool) -> None:
        self._pool = pool
        self._request = request
        self._seconds = seconds
        self._once = once
        self._answer: StreamedAnswer | None = None

    async def __aenter__(self) -> StreamedAnswer:
        """Send, and return when the head has come."""
        self._connection = self._pool.idle() or await self._pool.connect(self._seconds)
        try:
            try:
                return await self._asked()
            except UpstreamBroken:
                if not (self._connection.used and self._answer is not None and self._unseen(self._answer)):
                    raise
                self._answer = None
                self._connection = await self._pool.connect(self._seconds)
                return await self._asked()
        except BaseException:
            self._leave()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Abort what still runs."""
        self._leave()

    async def _asked(self) -> StreamedAnswer:
        answer = self._answer = self._connection.request(self._request)
        await answer.wait_head()
        return answer

    def _unseen(self, answer: StreamedAnswer) -> bool:
        return answer.went_unheard() or (not self._once and answer.went_stale())

    def _leave(self) -> None:
        # A complete answer gave its connection back already: it may carry somebody else's request by now.
        if self._answer is None or not self._answer.complete:
            self._connection.abort()


def tcp_dialer(server: Server, resolve: Callable[[str, int], Awaitable[list[str]]]) -> Dialer:
    """Return a dialer that connects to the addresses that ``resolve`` lets through, and to no other."""
    context = ssl.create_default_context() if server.scheme == "https" else None

    async def dial(make: Callable[[], Connection]) -> Connection:
        loop = asyncio.get_running_loop()
        last: OSError = ConnectionRefusedError("no address")
        for address in await resolve(server.host, server.port):
            try:
                transport, connection = await loop.create_connection(
                    make,
                    address,
                    server.port,
                    ssl=context,
                    server_hostname=server.host if context else None,
                )
            except OSError as error:
                last = error
                continue
            plain: socket.socket | None = transport.get_extra_info("socket")
            if plain is not None:
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
        raise last

    return dial


def unix_dialer(path: str) -> Dialer:
    """Return a dialer for a Unix socket."""

    async def dial(make: Callable[[], Connection]) -> Connection:
        _, connection = await asyncio.get_running_loop().create_unix_connection(make, path)
        return connection

    return dial
