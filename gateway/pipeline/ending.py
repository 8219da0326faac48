"""How an upstream's answer ended, before it is settled and its end is given to the client."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct


class Whole(Struct, frozen=True):
    """A complete answer that is not a stream."""

    body: bytes
    tree: Any


class Complete(Struct, frozen=True):
    """A complete stream: what is still to be sent, and its terminal frame, which waits for the settlement."""

    before: Sequence[bytes]
    terminal: bytes


class Cut(Struct, frozen=True):
    """A stream that had begun at the client and will not be completed."""

    before: Sequence[bytes]
    message: str
    error: str = "upstream_error"
    """Stable error code."""
    by_server: bool = True
    """False where our own total time was over."""


Ending = Whole | Complete | Cut
