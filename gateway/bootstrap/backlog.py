"""An eye on the spool: at its bound no new paid call is made, so that nothing has to be dropped."""

import os
from pathlib import Path
from typing import Final

import anyio

from gateway.telemetry.logs import Log

PERIOD_S: Final = 1.0


class Backlog:
    """Knows whether the spool has grown to its bound."""

    def __init__(self, directory: Path, bound: int, log: Log) -> None:
        """Take the spool, and the bytes that are its bound."""
        self._directory = directory
        self._bound = bound
        self._log = log
        self.full = False

    async def watch(self) -> None:
        """Measure until cancelled."""
        while True:
            size = await anyio.to_thread.run_sync(self.size)
            full = size >= self._bound
            if full != self.full:
                event, level = ("spool_full", "error") if full else ("spool_drained", "info")
                self._log.event(event, level, bytes=size)
            self.full = full
            await anyio.sleep(PERIOD_S)

    def size(self) -> int:
        """Return the bytes of the spool on disk; a segment that goes away while we look counts as gone."""
        total = 0
        with os.scandir(self._directory) as entries:
            for entry in entries:
                try:
                    total += entry.stat().st_size
                except FileNotFoundError:
                    continue
        return total
