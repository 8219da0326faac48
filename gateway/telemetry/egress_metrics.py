"""The egress's metrics: what was sent and what did not."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from gateway.telemetry import names


class EgressMetrics:
    """Counts calls by target and status, and refusals by code."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(namespace="gateway_egress", registry=self._registry)
        self._sent = Counter(
            names.EGRESS_SENT, names.METRICS[names.EGRESS_SENT], ("target", "status"), registry=self._registry
        )
        self._refused = Counter(
            names.EGRESS_REFUSED, names.METRICS[names.EGRESS_REFUSED], ("code",), registry=self._registry
        )
        self._observed = Counter(
            names.EGRESS_OBSERVED, names.METRICS[names.EGRESS_OBSERVED], ("target",), registry=self._registry
        )
        self._policy_ok = Gauge(names.EGRESS_POLICY_OK, names.METRICS[names.EGRESS_POLICY_OK], registry=self._registry)
        self._policy_ok.set(1)
        self._rescan = Histogram(
            names.EGRESS_RESCAN,
            names.METRICS[names.EGRESS_RESCAN],
            buckets=names.RESCAN_SECONDS,
            registry=self._registry,
        )

    def policy(self, *, ok: bool) -> None:
        """Set whether the newest policy files are in force here."""
        self._policy_ok.set(ok)

    def sent(self, target: str, status: int) -> None:
        """Count a call that left."""
        self._sent.labels(target, status).inc()

    def refused(self, code: str) -> None:
        """Count a call that did not."""
        self._refused.labels(code).inc()

    def observed(self, target: str) -> None:
        """Count a call that left only because its team is observed."""
        self._observed.labels(target).inc()

    def rescanned(self, seconds: float) -> None:
        """Note how long a body was read."""
        self._rescan.observe(seconds)

    def render(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        return generate_latest(self._registry)
