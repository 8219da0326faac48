"""An eye on the spool and its disk: before either is full no new paid call is made, so that nothing is dropped."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

import anyio

from gateway.domain.errors import LedgerUnavailable
from gateway.stores.spool.writer import SpoolWriter
from gateway.telemetry.logs import Log

PERIOD_S: Final = 1.0


class Backlog:
    """Knows whether the spool has grown to its bound or its disk is nearly full, and empties what waits in memory."""

    def __init__(self, directory: Path, spool: SpoolWriter, log: Log, *, bound: int, reserve: int) -> None:
        """Take the spool; ``bound``: its most bytes, ``reserve``: bytes of the disk that are for local calls alone."""
        self._directory = directory
        self._spool = spool
        self._log = log
        self._bound = bound
        self._reserve = reserve
        self._waiting = False
        self.full = False

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            size, free = await anyio.to_thread.run_sync(self._measure)
            full = size >= self._bound or free < self._reserve
            if full != self.full:
                event, level = ("spool_full", "error") if full else ("spool_drained", "info")
                self._log.event(event, level, bytes=size, free_bytes=free)
            self.full = full
            self._catch_up()
            await anyio.sleep(PERIOD_S)

    def size(self) -> int:
        """Return the bytes of the spool, with those in memory; a segment that is removed meanwhile does not count."""
        total = self._spool.kept_bytes
        with os.scandir(self._directory) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    total += entry.stat().st_size
        return total

    def _measure(self) -> tuple[int, int]:
        return self.size(), shutil.disk_usage(self._directory).free

    def _catch_up(self) -> None:
        with suppress(LedgerUnavailable):
            self._spool.catch_up()
        waiting = self._spool.kept_bytes > 0
        if waiting != self._waiting:
            event, level = ("records_wait_in_memory", "error") if waiting else ("records_written", "info")
            self._log.event(event, level, bytes=self._spool.kept_bytes)
        self._waiting = waiting
