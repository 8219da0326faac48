"""The way back to the client."""

from collections.abc import Sequence
from typing import Protocol


class ClientStalled(Exception):
    """The client takes nothing more of an answer that began: its connection must be cut."""


class Line(Protocol):
    """A client's connection, past all that lies between it and the call."""

    room: bool
    """Whether it takes a piece at once: the client is there, and its window is not full."""

    def pass_on(self, body: bytes) -> None:
        """Send a piece of a stream that has begun and not ended. It must have room."""


class Responder(Protocol):
    """The way back to the client. Whoever implements it cuts a client that stops reading, so that no call hangs."""

    async def start(self, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Send the head."""

    async def send(self, body: bytes) -> None:
        """Send a piece of the body; returns when the client's window has room."""

    def line(self) -> "Line | None":
        """Return the client's connection, to which pieces of a stream that has begun can be sent at once."""

    async def whole(self, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> None:
        """Send a whole answer; its headers hold its length."""

    async def finish(self, body: bytes = b"") -> None:
        """Send the last piece."""
