"""The ledger child's metrics: what was shipped and what is still on the spool."""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, generate_latest

from gateway.domain.records import Record
from gateway.telemetry import names


class LedgerMetrics:
    """Counts shipped records."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(namespace="gateway_ledger", registry=self._registry)
        self._shipped = Counter(
            names.LEDGER_SHIPPED, names.METRICS[names.LEDGER_SHIPPED], ("kind",), registry=self._registry
        )
        self._lag = Gauge(names.LEDGER_LAG, names.METRICS[names.LEDGER_LAG], registry=self._registry)
        self._spans = Counter(names.SPANS_EXPORTED, names.METRICS[names.SPANS_EXPORTED], registry=self._registry)
        self._dropped = Counter(names.SPANS_DROPPED, names.METRICS[names.SPANS_DROPPED], registry=self._registry)
        self._anchor = Counter(names.ANCHOR_FAILURES, names.METRICS[names.ANCHOR_FAILURES], registry=self._registry)

        self._burn = Gauge(
            names.BUDGET_BURN, names.METRICS[names.BUDGET_BURN], ("payer", "window"), registry=self._registry
        )
        self._ends = Gauge(names.BUDGET_ENDS, names.METRICS[names.BUDGET_ENDS], ("payer",), registry=self._registry)
        self._alerts = Counter(names.ALERTS, names.METRICS[names.ALERTS], ("kind",), registry=self._registry)

        self._bytes = Gauge(names.LEDGER_BYTES, names.METRICS[names.LEDGER_BYTES], registry=self._registry)
        self._growth = Gauge(names.LEDGER_GROWTH, names.METRICS[names.LEDGER_GROWTH], registry=self._registry)
        # A gauge with a label can be absent.
        self._days = Gauge(names.LEDGER_DAYS, names.METRICS[names.LEDGER_DAYS], ("volume",), registry=self._registry)

    def room(self, size: int, growth: float, days: float | None) -> None:
        """Set how large the ledger is, what it grows by a day, and the days that its volume lasts."""
        self._bytes.set(size)
        self._growth.set(growth)
        self._days.clear()
        if days is not None:
            self._days.labels("ledger").set(days)

    def budgets(self, burns: Mapping[tuple[str, str], float], ends: Mapping[str, float]) -> None:
        """Set what burns and what ends; all others are taken away."""
        self._burn.clear()
        self._ends.clear()
        for (payer, window), rate in burns.items():
            self._burn.labels(payer, window).set(rate)
        for payer, seconds in ends.items():
            self._ends.labels(payer).set(seconds)

    def alert(self, kind: str) -> None:
        """Count an alert."""
        self._alerts.labels(kind).inc()

    def shipped(self, records: Iterable[Record], lag_bytes: int) -> None:
        """Note what one round shipped."""
        for kind, number in Tally(record.kind for record in records).items():
            self._shipped.labels(kind).inc(number)
        self._lag.set(lag_bytes)

    def spans(self, exported: int, dropped: int) -> None:
        """Note spans that were handed to the exporter, and those that were not sent."""
        self._spans.inc(exported)
        self._dropped.inc(dropped)

    def anchor_failed(self) -> None:
        """Count heads that could not be anchored."""
        self._anchor.inc()

    def render(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        return generate_latest(self._registry)
