"""Cuts off clients that stop reading: a slow reader must not hold a call, its budget and its server's slot forever.

ASGI's ``send`` waits while the client's window is full, and the layers above cannot distinguish it from a slow network.
So the
protocol itself watches: from the moment the write buffer is over its high-water mark until it is under the low one.
A client has to take the difference, 48 KB as uvicorn and asyncio set them, in that time. A connection that is cut looks
to the call like a client that hung up, and is booked as one.
"""

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class CuttingOff(HttpToolsProtocol):
    """uvicorn's protocol with a limit on how long writing may be paused; costs nothing while it is not."""

    write_s: ClassVar[float] = 60.0
    _stalled: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """Start the time within which the client must take what waits for it."""
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self.write_s, self._cut)

    def resume_writing(self) -> None:
        """Stop it: the client reads."""
        self._watch_no_more()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop it: there is no client any more."""
        self._watch_no_more()
        super().connection_lost(exc)

    def _cut(self) -> None:
        self._stalled = None
        self.transport.abort()  # close() would wait for the client to take what is buffered

    def _watch_no_more(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None


def cutting_off_after(seconds: float) -> type[CuttingOff]:
    """Return the protocol with a limit in seconds."""
    return type("CuttingOff", (CuttingOff,), {"write_s": seconds})
