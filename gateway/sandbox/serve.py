"""Starts and stops sandboxes: in the event loop of a test, in a thread, or as a command until Ctrl-C."""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import uvicorn
from anyio.from_thread import start_blocking_portal
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from gateway.sandbox.app import SandboxApp, build
from gateway.sandbox.channel import TRANSPORT
from gateway.sandbox.faults import Faults
from gateway.sandbox.settings import SandboxSettings, Vendor

_KEEP_ALIVE = 75
_LONGEST_STOP = 2.0


class _Protocol(HttpToolsProtocol):
    """uvicorn's protocol, but it hands down the transport, so that a fault can close it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access_log = False

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][TRANSPORT] = self.transport


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A sandbox that listens.

    Attributes:
        url: Its root, without a slash at the end and without `/v1`.
        vendor: Whose wire it speaks.
        port: Where it listens.
        app: The application behind it.
    """

    url: str
    vendor: Vendor
    port: int
    app: SandboxApp

    @property
    def running(self) -> int:
        """How many generations run."""
        return self.app.state.meters.slots.running

    @property
    def waiting(self) -> int:
        """How many generations wait for a slot."""
        return self.app.state.meters.slots.waiting

    def requests(self, path: str | None = None) -> list[dict[str, Any]]:
        """Return what was received, oldest first, as `GET /sandbox/requests` does."""
        records = list(self.app.state.records)
        return [record.as_json() for record in records if path in {None, record.request.path}]

    def set_faults(self, *specs: str) -> None:
        """Break this from now on, and nothing else; without arguments, nothing.

        Raises:
            InvalidFault: A fault does not exist or its value does not fit.
        """
        self.app.state.faults.set(Faults.parse(specs))

    def reset(self) -> None:
        """Forget what was received and cached, and go back to the faults of the start."""
        self.app.state.reset()

    async def until_open(self, count: int) -> None:
        """Wait until so many requests are being answered; only in the event loop of the sandbox."""
        await self.app.state.until_open(count)


@asynccontextmanager
async def running(
    vendor: Vendor, settings: SandboxSettings | None = None, *, host: str = "127.0.0.1", port: int = 0
) -> AsyncGenerator[RunningSandbox]:
    """Run a sandbox in this event loop; leaving closes all connections at once.

    Args:
        vendor: Whose wire it speaks.
        settings: How it behaves.
        host: Where it listens.
        port: Where it listens; 0 is a free one.

    Raises:
        OSError: The port is taken.
        InvalidFault: The settings name a fault that does not exist.
    """
    app = build(vendor, settings=settings)
    config = uvicorn.Config(
        app, http=_Protocol, ws="none", lifespan="off", log_config=None, timeout_keep_alive=_KEEP_ALIVE
    )
    config.load()
    connections = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: _Protocol(config=config, server_state=connections, app_state={}), host, port
    )
    bound = server.sockets[0].getsockname()[1]
    name = f"[{host}]" if ":" in host else host
    try:
        yield RunningSandbox(f"http://{name}:{bound}", vendor, bound, app)
    finally:
        with anyio.move_on_after(_LONGEST_STOP, shield=True):
            await _stop(server, connections)


async def _stop(server: asyncio.Server, connections: ServerState) -> None:
    server.close()
    for connection in list(connections.connections):
        connection.transport.abort()
    if connections.tasks:
        await asyncio.wait(set(connections.tasks))
    await server.wait_closed()


@contextmanager
def running_in_thread(
    vendor: Vendor, settings: SandboxSettings | None = None, *, host: str = "127.0.0.1", port: int = 0
) -> Generator[RunningSandbox]:
    """Run a sandbox in a thread of its own, for callers without an event loop; otherwise as `running`."""
    with (
        start_blocking_portal("asyncio") as portal,
        portal.wrap_async_context_manager(running(vendor, settings, host=host, port=port)) as sandbox,
    ):
        yield sandbox


def serve(
    vendor: Vendor,
    settings: SandboxSettings | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Run a sandbox until SIGINT or SIGTERM, and print its address in one line on stdout.

    Args:
        vendor: Whose wire it speaks.
        settings: How it behaves.
        host: Where it listens.
        port: Where it listens; 0 is a free one.
        announce: Called with the line instead.

    Raises:
        OSError: The port is taken.
        InvalidFault: The settings name a fault that does not exist.
    """

    async def until_signal() -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async with running(vendor, settings, host=host, port=port) as sandbox:
                (announce or _print)(f"sandbox {vendor.value} listening on {sandbox.url}")
                async for _ in signals:
                    return

    anyio.run(until_signal)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
