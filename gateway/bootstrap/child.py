"""What every child of the supervisor does: watch its lifeline, take its signals, read what it was handed."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import anyio
import orjson

from gateway.ticket.claims import TicketKey

KEY_BYTES: Final = 32
HANDED_KEY_ID: Final = "once"


@dataclass(frozen=True, slots=True)
class Handed:
    """What the supervisor hands to a child: descriptors and paths, no secret on the command line."""

    run_dir: str
    lifeline: int | None = None
    listen: int | None = None
    key: int | None = None
    worker: int = 0
    """Which of the edge's processes it is; those after the first leave to it what one does for all."""

    def encode(self) -> str:
        """Return the one argument that carries it."""
        return orjson.dumps(self).decode()

    @classmethod
    def decode(cls, text: str) -> "Handed":
        """Read :meth:`encode`."""
        data = orjson.loads(text)
        return cls(**{field.name: data.get(field.name, field.default) for field in fields(cls)})

    @property
    def egress_socket(self) -> Path:
        """Where the egress listens on one host."""
        return Path(self.run_dir) / "egress.sock"

    @property
    def edge_socket(self) -> Path:
        """Where this worker of the edge answers the ledger child."""
        return Path(self.run_dir) / (f"edge-{self.worker}.sock" if self.worker else "edge.sock")


@asynccontextmanager
async def stop_signal(lifeline: int | None) -> AsyncGenerator[anyio.Event]:
    """Yield an event that is set on SIGTERM, SIGINT, or when the supervisor is gone, even by kill -9."""
    stop = anyio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if lifeline is not None:
        threading.Thread(target=_hold, args=(lifeline, loop, stop), name="lifeline", daemon=True).start()
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def _hold(lifeline: int, loop: asyncio.AbstractEventLoop, stop: anyio.Event) -> None:
    """Wait for the end of file that the supervisor's death is."""
    while os.read(lifeline, 1):
        continue
    try:
        loop.call_soon_threadsafe(stop.set)
    except RuntimeError:  # the loop has ended already: so does the process
        return


def ticket_keys(handed: Handed, key_file: Path | None) -> tuple[TicketKey, ...]:
    """Return the signing keys, the current one first.

    On one host it is 32 random bytes that came by descriptor and live as long as the supervisor. With split roles it
    is a file of lines ``id:hex``; the first signs, all are accepted, so that keys can be rotated.

    Raises:
        ValueError: the file is not of that form, or there is neither.
    """
    if handed.key is not None:
        with os.fdopen(handed.key, "rb") as pipe:
            return (TicketKey(HANDED_KEY_ID, pipe.read(KEY_BYTES)),)
    if key_file is None:
        msg = "split roles need a ticket key: set ticket_key_file (GATEWAY_TICKET_KEY_FILE) to the same file on both"
        raise ValueError(msg)
    keys = []
    for line in key_file.read_text(encoding="ascii").split():
        key_id, _, secret = line.partition(":")
        if not key_id or "." in key_id or len(secret) < 2 * KEY_BYTES:
            msg = f"a ticket key is a line 'id:{2 * KEY_BYTES} hex digits', its id without a dot"
            raise ValueError(msg)
        keys.append(TicketKey(key_id, bytes.fromhex(secret)))
    if not keys:
        msg = "the ticket key file is empty"
        raise ValueError(msg)
    return tuple(keys)


class SystemClock:
    """The machine's clocks."""

    wall_ns = staticmethod(time.time_ns)
    monotonic = staticmethod(time.monotonic)

    def hours_set(self) -> int:
        """Return the hours between both clocks: another number once somebody has set the wall clock by hours."""
        return round((time.time() - time.monotonic()) / 3600)
