"""Looks at how much room the ledger has left, and raises an alert before there is none. Runs in the ledger child."""

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import anyio

from gateway.domain.errors import LedgerUnavailable
from gateway.estimation.room import Held, RoomWatch, days_left
from gateway.settings import Settings
from gateway.stores.data_dir import SQLITE
from gateway.stores.ledger.writer import Ledger
from gateway.telemetry.ledger_metrics import LedgerMetrics
from gateway.telemetry.logs import Log
from gateway.telemetry.webhook import Webhook

PERIOD_S: Final = 600.0
_NS: Final = 1_000_000_000


class Room:
    """One look after the other; none if alerts are off."""

    def __init__(
        self, settings: Settings, ledger: Ledger, metrics: LedgerMetrics, log: Log, webhook: Webhook | None
    ) -> None:
        self._every = PERIOD_S if settings.alerts.every_seconds else 0.0
        self._local = settings.ledger.url == SQLITE
        self._volume, self._directory = settings.ledger.volume_bytes, settings.data_dir
        self._reserve = settings.limits.disk_reserve_bytes
        self._ledger, self._metrics, self._log, self._webhook = ledger, metrics, log, webhook
        self._watch = RoomWatch(settings.alerts.ledger_days)

    async def run(self) -> None:
        """Look until cancelled. A ledger that does not answer is queried again at the next turn."""
        while self._every:
            try:
                await self.look(time.time_ns())
            except (OSError, LedgerUnavailable) as error:
                self._log.event("room_unknown", "error", kind=type(error).__name__)
            await anyio.sleep(self._every)

    async def look(self, now_ns: int) -> None:
        """Set the metrics; raise or end the alert.

        Raises:
            LedgerUnavailable: the database cannot be used.
            OSError: the volume cannot be looked at.
        """
        held, inside = await anyio.to_thread.run_sync(self._ledger.held, now_ns)
        free = self._free(held, inside)
        days = None if free is None else days_left(held, free)
        self._metrics.room(held.bytes, held.bytes_a_day, days)
        today = datetime.fromtimestamp(now_ns // _NS, UTC).date().isoformat()
        kind = self._watch.look(days, today)
        if kind:
            self._tell(kind, held, days, now_ns, today)

    def _free(self, held: Held, inside: int) -> int | None:
        """Return the bytes that may still be used; None if the size of the server's volume is not configured."""
        if self._local:
            return free_bytes(self._directory) - self._reserve + inside
        return self._volume - held.bytes if self._volume else None

    def _tell(self, kind: str, held: Held, days: float | None, now_ns: int, today: str) -> None:
        self._metrics.alert(kind)
        about = {
            "days_left": None if days is None else round(days, 1),
            "ledger_bytes": held.bytes,
            "bytes_a_day": round(held.bytes_a_day),
        }
        self._log.event(kind, "info" if kind == "ledger_recovered" else "warning", **about)
        if self._webhook is not None:
            self._webhook.put({"id": f"{kind}:{today}", "type": kind, "at": now_ns / _NS, **about})


def free_bytes(directory: Path) -> int:
    """Return the free bytes of the volume that a directory lies on.

    Raises:
        OSError: it cannot be looked at.
    """
    return shutil.disk_usage(directory).free
