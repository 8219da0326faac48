"""The ledger role: ships the spool to SQLite as its only writer, exports traces, serves the admin plane."""

import socket
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import anyio

from gateway.admin.edge_client import EdgeClient
from gateway.admin.plane import Plane
from gateway.bootstrap.alerting import Alerting
from gateway.bootstrap.child import Handed, stop_signal
from gateway.bootstrap.plane import sources
from gateway.bootstrap.room import Room
from gateway.bootstrap.serving import Listening
from gateway.domain.errors import LedgerUnavailable
from gateway.settings import Settings, environment
from gateway.stores.chain.anchor_sink import Anchoring, sink_of
from gateway.stores.data_dir import DataDir
from gateway.stores.keys.place import cached_tokens
from gateway.stores.keys.tokens import CachedTokens
from gateway.stores.ledger.place import open_ledger
from gateway.stores.ledger.writer import Ledger
from gateway.stores.shipping.shipper import Shipper
from gateway.telemetry.collect import Collector
from gateway.telemetry.ledger_metrics import LedgerMetrics
from gateway.telemetry.logs import Log

if TYPE_CHECKING:
    from gateway.telemetry.otlp import Traces

PERIOD_S: Final = 0.2
LOOK_AHEAD_S: Final = 6 * 3600.0
TOKENS_PERIOD_S: Final = 1.0
LAST_ROUNDS: Final = 1000


class Shipping:
    """Rounds of: ship what the spool holds, count it, hand finished requests to the exporter."""

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
        """Ship one batch; returns True if there may be more."""
        shipped = self._shipper.ship_once()
        self._metrics.shipped(shipped.records, shipped.lag_bytes)
        if self._traces is not None:
            before = self._traces.exported
            for exchange in self._collector.feed(shipped.records):
                self._traces.export(exchange)
            self._metrics.spans(self._traces.exported - before)
        if self._anchoring is not None:
            self._anchoring.note(shipped.records)
        for damage in shipped.damage:
            self._log.event("spool_damaged", "error", where=str(damage))
        if shipped.more or shipped.records:
            return True
        return self._ledger.catch_up()

    async def run(self) -> None:
        """Ship until cancelled. An unreadable database is tried again: the spool keeps what it has."""
        while True:
            try:
                more = await anyio.to_thread.run_sync(self.once)
            except (OSError, LedgerUnavailable) as error:
                self._log.event("ship_failed", "error", kind=type(error).__name__)
                more = False
            await anyio.sleep(0 if more else PERIOD_S)

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


async def run(settings: Settings, handed: Handed) -> None:
    """Serve until stopped; then ship what is left.

    Raises:
        OSError: a file or socket cannot be used.
    """
    assert handed.listen is not None
    data = DataDir(settings.data_dir, settings.ledger.url)
    data.ensure()
    log, metrics = Log("ledger"), LedgerMetrics()
    ledger = open_ledger(data)
    anchoring = Anchoring(sink_of(settings.ledger.anchor)) if settings.ledger.anchor else None
    traces = _traces(environment(), settings.telemetry.sample)
    shipping = Shipping(Shipper(data, ledger), ledger, metrics, traces, log, anchoring)
    edge = EdgeClient(str(handed.edge_socket), str(handed.egress_socket))
    alerting = Alerting(settings.alerts, data, edge, metrics, log)
    listener = socket.socket(fileno=handed.listen)
    listener.setblocking(False)
    tokens = cached_tokens(data)
    plane = Listening(Plane(sources(settings, data, edge, metrics, tokens)), listener, 2)
    log.event("started", admin_token_file=str(settings.admin_token_file or data.admin_token))
    async with stop_signal(handed.lifeline) as stop, anyio.create_task_group() as group:
        group.start_soon(plane.serve)
        group.start_soon(_refresh, tokens)
        group.start_soon(shipping.run)
        group.start_soon(shipping.look_ahead)
        group.start_soon(shipping.anchor, settings.ledger.anchor_seconds)
        group.start_soon(alerting.run)
        group.start_soon(Room(settings, ledger, metrics, log, alerting.webhook).run)
        if alerting.webhook is not None:
            group.start_soon(alerting.webhook.run)
        await stop.wait()
        await plane.drain()
        group.cancel_scope.cancel()
    await anyio.to_thread.run_sync(shipping.rest)
    tokens.close()
    ledger.close()
    log.event("stopped")


def _traces(environ: Mapping[str, str], sample: float) -> "Traces | None":
    """Return the exporter of traces if the environment asks for one; else OpenTelemetry is not even loaded."""
    if not any(name.startswith("OTEL_EXPORTER_") for name in environ):
        return None
    from gateway.telemetry.otlp import traces_if_asked  # noqa: PLC0415 -- as above

    return traces_if_asked(environ, sample)


async def _refresh(tokens: CachedTokens) -> None:
    """Let new and revoked admin tokens take effect."""
    while True:
        await anyio.sleep(TOKENS_PERIOD_S)
        await anyio.to_thread.run_sync(tokens.refresh)
