"""A loopback server that does to the byte what a test says: upstreams as no library would let them be."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio


class Wire:
    """One server: what it heard, how many connections came and went."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.closed = 0
        self.heard: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def request(self, reader: asyncio.StreamReader) -> bytes:
        """Read one request with its body."""
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length")), 0)
        whole = head + await reader.readexactly(length)
        self.heard.append(whole)
        return whole


Script = Callable[[Wire, asyncio.StreamReader, asyncio.StreamWriter, int], Awaitable[None]]


@asynccontextmanager
async def serving(script: Script) -> AsyncGenerator[Wire]:
    """Run ``script`` for each connection; its last argument is the connection's number, from 1."""
    wire = Wire()
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        wire.connections += 1
        try:
            await script(wire, reader, writer, wire.connections)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            wire.closed += 1
            writer.close()
            tasks.discard(task)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def response(body: bytes = b"{}", *, status: bytes = b"200 OK", headers: bytes = b"") -> bytes:
    """A whole answer with a length."""
    return b"HTTP/1.1 %s\r\ncontent-length: %d\r\n%s\r\n%s" % (status, len(body), headers, body)


def always(data: bytes) -> Script:
    """Answer every request of every connection with the same bytes."""

    async def script(wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: int) -> None:
        while True:
            await wire.request(reader)
            writer.write(data)

    return script


async def until(holds: Callable[[], bool]) -> None:
    """Let the loop run until something holds."""
    with anyio.fail_after(20):
        while not holds():
            await asyncio.sleep(0)
