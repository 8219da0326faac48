"""The rounds of the ledger child: ship what the spool holds, count it, hand finished requests to the exporter.

A round costs almost as much for one record as for fifty. So rounds have a rhythm; only a backlog is shipped back to
back. Nobody waits for a round: readers see the unshipped spool too.
"""

import time
from typing import TYPE_CHECKING, Final

import anyio

from gateway.domain.errors import LedgerUnavailable
from gateway.stores.chain.anchor_sink import Anchoring
from gateway.stores.ledger.writer import Ledger
from gateway.stores.shipping.shipper import Shipper
from gateway.telemetry.collect import Collector
from gateway.telemetry.ledger_metrics import LedgerMetrics
from gateway.telemetry.logs import Log

if TYPE_CHECKING:
    from gateway.telemetry.otlp import Traces

PERIOD_S: Final = 0.2
"""From the start of a round to that of the next."""
ROUND: Final = 5000
"""Records that a round ships at most, in one transaction."""
LOOK_AHEAD_S: Final = 6 * 3600.0
LAST_ROUNDS: Final = 1000


def pause(took_s: float, *, more: bool) -> float:
    """Return how many seconds after a round the next one starts."""
    return 0.0 if more else max(0.0, PERIOD_S - took_s)


class Shipping:
    """What the rounds need. Each method that blocks is run in a thread."""

    def __init__(
        self,
        shipper: Shipper,
        ledger: Ledger,
        metrics: LedgerMetrics,
        traces: "Traces | None",
        log: Log,
        anchoring: Anchoring | None,
    ) -> None:
        self._shipper = shipper
        self._ledger = ledger
        self._anchoring = anchoring
        self._metrics = metrics
        self._traces = traces
        self._log = log
        self._collector = Collector()

    def once(self) -> bool:
        """Ship the records of one round; returns True if there is more."""
        shipped = self._shipper.ship_once(ROUND)
        self._metrics.shipped(shipped.records, shipped.lag_bytes)
        if self._traces is not None:
            for exchange in self._collector.feed(shipped.records):
                self._traces.export(exchange)
            self._metrics.spans(*self._traces.counted())
        if self._anchoring is not None:
            self._anchoring.note(shipped.records)
        for damage in shipped.damage:
            self._log.event("spool_damaged", "error", where=str(damage))
        # What came meanwhile waits for the next round; what came before there were sums does not.
        return shipped.more or self._ledger.catch_up()

    async def run(self) -> None:
        """Ship until cancelled. An unreadable database is tried again: the spool keeps what it has."""
        while True:
            began = time.monotonic()
            try:
                more = await anyio.to_thread.run_sync(self.once)
            except (OSError, LedgerUnavailable) as error:
                self._log.event("ship_failed", "error", kind=type(error).__name__)
                more = False
            await anyio.sleep(pause(time.monotonic() - began, more=more))

    async def look_ahead(self) -> None:
        """Make room for the months to come, a few times a day, in a database that needs it."""
        maintenance = self._ledger.maintenance
        while maintenance is not None:
            await anyio.sleep(LOOK_AHEAD_S)
            try:
                await anyio.to_thread.run_sync(maintenance.look_ahead, time.time_ns())
            except LedgerUnavailable as error:
                self._log.event("new_month_failed", "error", kind=type(error).__name__)

    async def anchor(self, seconds: float) -> None:
        """Write the heads of the chains outside of the ledger, again and again."""
        while self._anchoring is not None:
            await anyio.sleep(seconds)
            await anyio.to_thread.run_sync(self.anchor_now)

    def anchor_now(self) -> None:
        """Write the heads that are new; what cannot be written is tried again."""
        try:
            if self._anchoring is not None:
                self._anchoring.write()
        except OSError as error:
            self._metrics.anchor_failed()
            self._log.event("anchor_failed", "error", kind=type(error).__name__)

    def rest(self) -> None:
        """Ship and anchor all that is left, at the end."""
        try:
            for _ in range(LAST_ROUNDS):
                if not self.once():
                    break
        except (OSError, LedgerUnavailable) as error:
            self._log.event("ship_failed", "error", kind=type(error).__name__)
        self.anchor_now()
        if self._traces is not None:
            self._traces.close()
