"""The edge's metrics, in a registry of its own and with bounded label values only."""

from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from gateway.domain.money import NANOS_PER_USD
from gateway.domain.records import AttemptStarted, Settled
from gateway.telemetry import names
from gateway.telemetry.exchange import Exchange

_SECONDS: Final = (*names.GENAI_SECONDS, *names.LONG_SECONDS)
_MODEL_LABELS: Final = ("gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model")


class EdgeMetrics:
    """Counts what the edge does."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self._counters: dict[tuple[Counter, tuple[str, ...]], Counter] = {}
        self._histograms: dict[tuple[Histogram, tuple[str, ...]], Histogram] = {}
        ProcessCollector(namespace="gateway_edge", registry=self.registry)
        self._requests = self._counter(names.REQUESTS, "team", "target", "zone", "reason", "status")
        self._refused = self._counter(names.REFUSED, "dialect", "code")
        self._mangled = self._counter(names.MANGLED, "team", "target")
        self._attempts = self._counter(names.ATTEMPTS, "target", "outcome")
        self._cost = self._counter(names.COST, "team", "target", "zone")
        self._reference = self._counter(names.REFERENCE_COST, "team")
        self._credentials = self._counter(names.CREDENTIAL_ALARMS, "target")
        self._duration = self._histogram(names.REQUEST_DURATION, _SECONDS, "zone", "stream")
        self._operation = self._histogram(names.GENAI_DURATION, _SECONDS, *_MODEL_LABELS, "error_type")
        self._ttft = self._histogram(names.GENAI_TTFT, _SECONDS, *_MODEL_LABELS)
        self._tokens = self._histogram(names.GENAI_TOKENS, names.TOKEN_BUCKETS, *_MODEL_LABELS, "gen_ai_token_type")
        self.in_flight = self._gauge(names.IN_FLIGHT)
        self._budget = self._gauge(names.BUDGET_LEFT, "team")
        self._up = self._gauge(names.TARGET_UP, "target", "zone")
        self._policy = self._gauge(names.POLICY_INFO, "hash")
        self._reload_ok = self._gauge(names.POLICY_RELOAD_OK)
        self._reload_failures = self._counter(names.POLICY_RELOAD_FAILURES)
        self._backlog = self._gauge(names.SPOOL_BACKLOG)
        self.internal_errors = self._counter(names.LOOP_ERRORS)

    def exchange(self, exchange: Exchange) -> None:
        """Count a finished request and its attempts."""
        finished, decision = exchange.finished, exchange.decision
        zone, target = finished.zone or "none", finished.target or "none"
        reason = finished.reason or "none"
        self._add(self._requests, (decision.team, target, zone, reason, str(finished.status)))
        seconds = (finished.at - decision.at) / 1e9
        self._observe(self._duration, (zone, "true" if decision.facts["stream"] else "false"), max(0.0, seconds))
        if finished.reference is not None:
            self._add(self._reference, (decision.team,), finished.reference / NANOS_PER_USD)
        for started, settled in exchange.attempts:
            self._attempt(decision.team, started, settled)

    def refused(self, dialect: str, code: str, team: str, decision: str) -> None:  # noqa: ARG002 -- no labels of these
        """Count a request that ended before it was decided."""
        self._add(self._refused, (dialect, code))

    def mangled(self, team: str, target: str, count: int) -> None:
        """Count placeholders that no value could come back for."""
        self._add(self._mangled, (team, target), count)

    def policy(self, policy_hash: str, *, ok: bool) -> None:
        """Set the active policy and whether the newest files were accepted."""
        self._policy.clear()
        self._policy.labels(policy_hash).set(1)
        self._reload_ok.set(ok)
        if not ok:
            self._reload_failures.inc()

    def render(self, *, up: Mapping[str, tuple[str, bool]], left: Mapping[str, int], backlog: int) -> bytes:
        """Return the metrics in Prometheus' text format.

        Args:
            up: target → its zone and whether it can be called.
            left: team → nano-dollars left of its budget.
            backlog: bytes of the spool that are not shipped.
        """
        self._up.clear()
        for target, (zone, asked) in up.items():
            self._up.labels(target, zone).set(asked)
        self._budget.clear()
        for team, nanos in left.items():
            self._budget.labels(team).set(nanos / NANOS_PER_USD)
        self._backlog.set(backlog)
        return generate_latest(self.registry)

    def _attempt(self, team: str, started: AttemptStarted, settled: Settled) -> None:
        self._add(self._attempts, (started.target, settled.outcome))
        self._add(self._cost, (team, started.target, started.zone), settled.cost / NANOS_PER_USD)
        if settled.outcome == "upstream_credentials":
            self._add(self._credentials, (started.target,))
        model = ("chat", started.provider, started.model)
        error = "" if settled.outcome == "ok" else settled.outcome
        self._observe(self._operation, (*model, error), settled.duration / 1e9)
        if settled.ttft is not None:
            self._observe(self._ttft, model, settled.ttft / 1e9)
        if settled.outcome == "ok":
            self._observe(self._tokens, (*model, "input"), settled.usage.input_tokens)
            self._observe(self._tokens, (*model, "output"), settled.usage.output_tokens)

    def _add(self, counter: Counter, labels: tuple[str, ...], amount: float = 1) -> None:
        """Add to a labelled counter. Looking a child up by its labels costs more than counting, so it is kept."""
        key = (counter, labels)
        child = self._counters.get(key)
        if child is None:
            child = self._counters[key] = counter.labels(*labels)
        child.inc(amount)

    def _observe(self, histogram: Histogram, labels: tuple[str, ...], value: float) -> None:
        """Observe a value of a labelled histogram, its child kept as in :meth:`_add`."""
        key = (histogram, labels)
        child = self._histograms.get(key)
        if child is None:
            child = self._histograms[key] = histogram.labels(*labels)
        child.observe(value)

    def _counter(self, name: str, *labels: str) -> Counter:
        return Counter(name, names.METRICS[name], labels, registry=self.registry)

    def _gauge(self, name: str, *labels: str) -> Gauge:
        return Gauge(name, names.METRICS[name], labels, registry=self.registry)

    def _histogram(self, name: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, names.METRICS[name], labels, registry=self.registry, buckets=buckets)
