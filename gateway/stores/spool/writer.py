"""The spool: the local file through which the ledger is made durable before a client sees the end of its answer.

A segment is a file of lines ``<crc32 in 8 hex digits> <record as JSON>``. Its writer holds an exclusive ``flock`` on it
for as long as it may append: whoever gets the lock knows that nothing will be added. A segment gets its name only once
it is locked, so that no reader takes a segment that is just being born for one whose writer is gone.
"""

import asyncio
import contextlib
import fcntl
import os
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, Literal

from gateway.domain.errors import LedgerUnavailable
from gateway.domain.records import Record
from gateway.stores.spool.disk import DiskThread
from gateway.stores.spool.lines import INSTANCES, SUFFIX, lines_of

UNBORN: Final = ".new"
"""Ends the name of a segment that is not locked yet; readers pass it over."""
SEGMENT_BYTES: Final = 32 * 1024 * 1024
MOST_KEPT_BYTES: Final = 16 * 1024 * 1024
"""Records that wait in memory for a disk that is full."""

FULL: Final = "the record of this call cannot be written: the disk of the gateway's data directory is full or failed"
FAILED: Final = "the spool failed, so no call can be recorded; restart the gateway, its log says why"

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
        self._syncing = False
        """An fsync runs, or the change of segments."""
        self._waiting: list[asyncio.Future[None]] = []
        self._disk = DiskThread()
        self._broken = False
        self._spoilt = False
        self._kept: deque[bytes] = deque()
        self._kept_bytes = 0
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with directory.with_name(INSTANCES).open("a", encoding="ascii") as names:
            names.write(instance + "\n")
        self._fd = self._open()

    @property
    def ok(self) -> bool:
        """Return whether records can be taken."""
        return not self._broken

    @property
    def kept_bytes(self) -> int:
        """How much waits in memory for the disk to take it: a process that dies now loses it."""
        return self._kept_bytes

    def append(self, *records: Record) -> None:
        """Write records in order, behind what was kept, without waiting for the disk.

        Raises:
            LedgerUnavailable: the disk is full or failed; nothing of them was kept.
        """
        lines = lines_of(records)
        self.catch_up()
        self._write(lines)

    def keep(self, *records: Record) -> bool:
        """Write records; if the disk is full hold them in memory until it takes them. return whether they are written.

        Raises:
            LedgerUnavailable: the disk failed, or memory is full, too; nothing of them was kept.
        """
        try:
            self.append(*records)
        except LedgerUnavailable:
            lines = lines_of(records)
            if self._broken or self._kept_bytes + len(lines) > MOST_KEPT_BYTES:
                raise
            self._kept.append(lines)
            self._kept_bytes += len(lines)
            return False
        return True

    def catch_up(self) -> None:
        """Write what was kept, oldest first.

        Raises:
            LedgerUnavailable: the disk is still full, or failed; what is not written stays.
        """
        if self._broken:
            raise LedgerUnavailable(FAILED)
        while self._kept:
            self._write(self._kept[0])
            self._kept_bytes -= len(self._kept.popleft())

    async def commit(self) -> None:
        """Return when everything appended so far is durable: one fsync serves all who wait.

        Raises:
            LedgerUnavailable: the disk refused; this writer takes no more records.
        """
        wanted = self._written
        while self._durable < wanted and self._durability == "fsync":
            if self._broken:
                raise LedgerUnavailable("the record of this call cannot be made durable")
            if not self._syncing:
                self._sync()
            await self._over()
        if self._size >= self._segment_bytes and not self._syncing and not self._broken:
            await self._rotate()

    def close(self) -> None:
        """Make everything durable and give up the lock; what a full disk does not take even now is lost."""
        with contextlib.suppress(LedgerUnavailable):
            self.catch_up()
        self._disk.close()
        self._broken = True
        try:
            os.fsync(self._fd)
        finally:
            os.close(self._fd)

    def _write(self, lines: bytes) -> None:
        if self._spoilt:
            self._leave_spoilt_segment()
        try:
            written = os.write(self._fd, lines)
        except OSError as error:
            raise LedgerUnavailable(FULL) from error
        if written != len(lines):
            self._take_back(written)
            raise LedgerUnavailable(FULL)
        self._size += written
        self._written += written

    async def _over(self) -> None:
        """Return when what the disk's thread does is over, whatever became of it."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        await waiter

    def _sync(self) -> None:
        """Begin an fsync of what is written."""
        upto, descriptor = self._written, self._fd

        def synced(error: BaseException | None) -> None:
            # After a failed fsync the kernel may have dropped the pages: nothing written here can be trusted.
            if error is None:
                self._durable = max(self._durable, upto)
            else:
                self._broken = True

        self._hand_over(lambda: os.fdatasync(descriptor), synced)

    def _hand_over(self, work: Callable[[], None], done: Callable[[BaseException | None], None]) -> None:
        """Let the disk's thread work; ``done`` is called on the event loop, before anybody who waits goes on."""
        loop = asyncio.get_running_loop()
        self._syncing = True

        def ended(error: BaseException | None) -> None:
            waiting, self._waiting = self._waiting, []
            self._syncing = False
            try:
                done(error)
            except BaseException:
                self._broken = True
                raise
            finally:
                for waiter in waiting:
                    if not waiter.done():
                        waiter.set_result(None)

        self._disk.do(work, lambda error: loop.call_soon_threadsafe(ended, error))

    async def _rotate(self) -> None:
        """Go on in a new segment, with no fsync on the event loop; who commits meanwhile waits for the end of it.

        The old lock is kept until the new one is held: a live writer always holds one. A disk without room for a new
        file is no reason to fail a commit: the old segment goes on. A failed fsync stops this writer, as in
        :meth:`_sync`.
        """
        opened: list[int] = []

        def old_synced(old: int, upto: int, error: BaseException | None) -> None:
            if error is None:
                self._durable = max(self._durable, upto)
            else:
                self._broken = True
            with contextlib.suppress(OSError):
                os.close(old)

        def new_opened(error: BaseException | None) -> None:
            if error is None and self._broken:  # closed meanwhile
                os.close(opened[0])
            elif error is None:
                old, upto = self._go_on_in(opened[0]), self._written
                self._hand_over(lambda: os.fsync(old), partial(old_synced, old, upto))

        self._hand_over(lambda: opened.append(self._open()), new_opened)
        while self._syncing:
            await self._over()

    def _go_on_in(self, fresh: int) -> int:
        """Write to another segment from now on; return the descriptor of the old one."""
        old, self._fd = self._fd, fresh
        self._size = 0
        self._spoilt = False
        return old

    def _open(self) -> int:
        number = self._number + 1
        path = self._directory / f"{self._instance}-{number:06d}{SUFFIX}"
        unborn = path.with_name(path.name + UNBORN)
        descriptor = os.open(unborn, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.exists():
                raise FileExistsError(f"{path.name}: another writer has this instance's name")
            self._leave_to_owner(descriptor)
            unborn.rename(path)
            self._fsync_directory()
        except OSError:
            os.close(descriptor)
            raise
        self._number = number
        return descriptor

    def _leave_to_owner(self, descriptor: int) -> None:
        """Give the segment of a command that root ran to the directory's owner: the gateway could not read it."""
        owner = self._directory.stat()
        if os.geteuid() == 0 and owner.st_uid != 0:
            with contextlib.suppress(PermissionError):  # root of a container may lack the capability
                os.fchown(descriptor, owner.st_uid, owner.st_gid)

    def _fsync_directory(self) -> None:
        directory = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def _take_back(self, written: int) -> None:
        """Remove a half-written batch, and never write behind it.

        A reader may have seen its first lines already; what is written next must not be at an offset that
        the reader believes to have read. So the segment ends here.
        """
        self._spoilt = True
        try:
            os.ftruncate(self._fd, os.fstat(self._fd).st_size - written)
        except OSError:
            self._broken = True

    def _leave_spoilt_segment(self) -> None:
        if self._syncing:
            raise LedgerUnavailable(FULL)
        try:
            fresh = self._open()
        except OSError as error:
            raise LedgerUnavailable(FULL) from error
        old, upto = self._go_on_in(fresh), self._written
        try:
            os.fsync(old)
            self._durable = max(self._durable, upto)
        except OSError as error:
            self._broken = True
            raise LedgerUnavailable(FAILED) from error
        finally:
            os.close(old)
