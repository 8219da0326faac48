"""The spool: the local file through which the ledger is made durable before a client sees the end of its answer.

A segment is a file of lines ``<crc32 in 8 hex digits> <record as JSON>``. Its writer holds an exclusive ``flock`` on it
for as long as it may append: who gets the lock knows that nothing will be added.
"""

import fcntl
import os
from pathlib import Path
from typing import Final, Literal
from zlib import crc32

import anyio

from gateway.domain.errors import LedgerUnavailable
from gateway.domain.records import Record, encode

SUFFIX: Final = ".spool"
SEGMENT_BYTES: Final = 32 * 1024 * 1024

Durability = Literal["fsync", "write"]


class SpoolWriter:
    """Appends records of one process; the only writer of its segments. Use from one event loop."""

    def __init__(
        self,
        directory: Path,
        instance: str,
        *,
        durability: Durability = "fsync",
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        self._directory = directory
        self._instance = instance
        self._durability = durability
        self._segment_bytes = segment_bytes
        self._number = 0
        self._size = 0
        self._written = 0
        self._durable = 0
        self._syncing: anyio.Event | None = None
        self._broken = False
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._fd = self._open()

    @property
    def ok(self) -> bool:
        """Tell whether records can be taken."""
        return not self._broken

    def append(self, *records: Record) -> None:
        """Write records in order, without waiting for the disk.

        Raises:
            LedgerUnavailable: the disk is full or failed; nothing of them was kept.
        """
        if self._broken:
            raise LedgerUnavailable("the spool failed; see the log of the gateway")
        lines = b"".join(_line(encode(record)) for record in records)
        try:
            written = os.write(self._fd, lines)
        except OSError as error:
            raise LedgerUnavailable("the record of this call cannot be written") from error
        if written != len(lines):
            self._take_back(written)
            raise LedgerUnavailable("the record of this call cannot be written")
        self._size += written
        self._written += written

    async def commit(self) -> None:
        """Return when everything appended so far is durable: one fsync serves all who wait.

        Raises:
            LedgerUnavailable: the disk refused; nothing more is taken by this writer.
        """
        wanted = self._written
        while self._durable < wanted and self._durability == "fsync":
            if self._broken:
                raise LedgerUnavailable("the record of this call cannot be made durable")
            if self._syncing is not None:
                await self._syncing.wait()
            else:
                await self._sync()
        if self._size >= self._segment_bytes and self._syncing is None:
            self._rotate()

    def close(self) -> None:
        """Make everything durable and give up the lock."""
        os.fsync(self._fd)
        os.close(self._fd)
        self._broken = True

    async def _sync(self) -> None:
        self._syncing = anyio.Event()
        upto = self._written
        try:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(os.fdatasync, self._fd)
            self._durable = max(self._durable, upto)
        except OSError:
            # After a failed fsync the kernel may have dropped the pages: nothing written here can be trusted.
            self._broken = True
        finally:
            self._syncing.set()
            self._syncing = None

    def _rotate(self) -> None:
        os.fsync(self._fd)
        os.close(self._fd)
        self._durable = self._written
        self._fd = self._open()

    def _open(self) -> int:
        self._number += 1
        self._size = 0
        path = self._directory / f"{self._instance}-{self._number:06d}{SUFFIX}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        directory = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
        return descriptor

    def _take_back(self, written: int) -> None:
        """Remove a half-written batch, so that the next record does not continue its torn line."""
        try:
            os.ftruncate(self._fd, os.fstat(self._fd).st_size - written)
        except OSError:
            self._broken = True


def _line(payload: bytes) -> bytes:
    return b"%08x %b\n" % (crc32(payload), payload)


def parse_line(line: bytes) -> bytes | None:
    """Return the payload of a complete line; None if it is torn or altered."""
    checksum, space, payload = line[:8], line[8:9], line[9:]
    if space != b" " or checksum != b"%08x" % crc32(payload):
        return None
    return payload
