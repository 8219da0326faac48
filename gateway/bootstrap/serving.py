"""uvicorn in our own event loop: on sockets that are already bound, with signals that are ours."""

import contextlib
import socket
from collections.abc import Generator
from typing import Final

import anyio
import uvicorn

from gateway.asgi import App
from gateway.bootstrap.protocol import cutting_off_after

KEEP_ALIVE_S: Final = 75
WRITE_S: Final = 60.0
STOPPING_S: Final = 2.0
"""What uvicorn takes to notice and to close, beyond the grace."""


class HttpServer(uvicorn.Server):
    """A uvicorn server that leaves the process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Do nothing: the composition root decides when to drain."""
        yield


class Listening:
    """One app on one socket: served until it must drain."""

    def __init__(self, app: App, listener: socket.socket, grace: float, write: float = WRITE_S) -> None:
        """Take what is served and where.

        Args:
            app: the ASGI app.
            listener: its bound socket.
            grace: seconds that open streams may go on when it drains.
            write: seconds after which a client that takes nothing is cut off.
        """
        self._server = server_of(app, grace, write)
        self._listener = listener
        self._grace = grace
        self._stopped = anyio.Event()

    async def serve(self) -> None:
        """Serve until drained or cancelled."""
        try:
            await self._server.serve(sockets=[self._listener])
        finally:
            self._stopped.set()

    async def drain(self) -> None:
        """Take no new connection, let what runs go on for the grace, and return when all is done or it is over."""
        self._server.should_exit = True
        with anyio.move_on_after(self._grace + STOPPING_S):
            await self._stopped.wait()


def server_of(app: App, grace: float, write: float) -> HttpServer:
    """Return uvicorn as every process of the gateway runs it; the arguments are those of :class:`Listening`."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=max(1, round(grace)),
        http=cutting_off_after(write),
        loop="none",
        ws="none",
        h11_max_incomplete_event_size=64 * 1024,
    )
    return HttpServer(config)
