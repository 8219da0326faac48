"""The chain of one egress instance on disk: an entry is written before the first byte of its call is sent.

No fsync an entry: ``write`` survives kill -9, and the receipt of each entry is made durable by the edge's spool before
its caller sees the end of the answer. Entries are lost only with the machine, and the ledger reports it.
"""

import os
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gateway.domain.chain import ChainEntry, genesis

SUFFIX: Final = ".chain"
KEPT_RECEIPTS: Final = 10_000
"""How many entries are kept in memory for an edge that hung up before its receipt came."""


class ChainUnavailable(Exception):
    """The entry cannot be written: nothing may be sent."""


class Chain:
    """Appends entries; the only writer of its file, which it reopens after an error."""

    def __init__(self, directory: Path, instance: str, now: Callable[[], int] = time.time_ns) -> None:
        self.instance = instance
        self.path = directory / (instance + SUFFIX)
        self._now = now
        self._seq = 0
        self._head = genesis(instance)
        self._size = 0
        self._fd: int | None = None
        self._recent: OrderedDict[str, ChainEntry] = OrderedDict()

    def append(self, draft: ChainEntry) -> ChainEntry:
        """Write an entry behind the last one and return it in its place.

        Raises:
            ChainUnavailable: it is not written; the chain is as it was.
        """
        entry = draft.sealed(self._seq + 1, self._head)
        line = entry.line() + b"\n"
        try:
            self._write(line)
        except OSError as error:
            self._close()
            raise ChainUnavailable from error
        self._seq, self._head, self._size = entry.seq, entry.hash, self._size + len(line)
        self._recent.setdefault(entry.ticket, entry)
        if len(self._recent) > KEPT_RECEIPTS:
            self._recent.popitem(last=False)
        return entry

    def now(self) -> int:
        """Return Unix time in nanoseconds."""
        return self._now()

    def find(self, ticket: str) -> ChainEntry | None:
        """Return a recent entry; of a ticket that was shown twice the first one."""
        return self._recent.get(ticket)

    def open(self) -> bool:
        """Make the file; returns False if that cannot be done now."""
        try:
            self._opened()
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Make everything durable."""
        if self._fd is not None:
            os.fsync(self._fd)
        self._close()

    def _write(self, line: bytes) -> None:
        descriptor = self._opened()
        status = os.fstat(descriptor)
        if status.st_nlink == 0 or status.st_size != self._size:
            raise OSError("the chain's file was removed or changed")
        written = os.write(descriptor, line)
        if written != len(line):
            # If even this fails the size stays wrong, and nothing more is written by this instance.
            os.ftruncate(descriptor, self._size)
            raise OSError("the disk is full")

    def _opened(self) -> int:
        if self._fd is None:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            self._fd = os.open(self.path, flags, 0o600)
        return self._fd

    def _close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
