"""The ledger role: ships the spool to SQLite as its only writer, exports traces, serves the admin plane."""

import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import anyio

from gateway.admin.edge_client import EdgeClient
from gateway.admin.plane import Plane
from gateway.bootstrap.accepting import Accepting
from gateway.bootstrap.alerting import Alerting
from gateway.bootstrap.child import Handed, stop_signal
from gateway.bootstrap.plane import sources
from gateway.bootstrap.room import Room
from gateway.bootstrap.serving import Listening
from gateway.bootstrap.settle import settle
from gateway.bootstrap.shipping import Shipping
from gateway.settings import Settings, environment
from gateway.stores.chain.anchor_sink import Anchoring, sink_of
from gateway.stores.data_dir import DataDir
from gateway.stores.keys.place import cached_tokens
from gateway.stores.keys.tokens import CachedTokens
from gateway.stores.ledger.place import open_ledger
from gateway.stores.shipping.shipper import Shipper
from gateway.telemetry.ledger_metrics import LedgerMetrics
from gateway.telemetry.logs import Log

if TYPE_CHECKING:
    from gateway.telemetry.otlp import Traces

TOKENS_PERIOD_S: Final = 1.0
COLLECT_AFTER: Final = 20_000
"""Objects of a round that the garbage collector does not look at before; nearly all of them are in no cycle."""


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
        group.start_soon(Accepting(data, log).run)
        group.start_soon(Room(settings, ledger, metrics, log, alerting.webhook).run)
        if alerting.webhook is not None:
            group.start_soon(alerting.webhook.run)
        settle(COLLECT_AFTER)
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
