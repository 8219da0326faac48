"""The edge's metrics, in a registry of its own and with bounded label values only. For one thread."""

from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, generate_latest

from gateway.domain.money import NANOS_PER_USD
from gateway.domain.records import AttemptStarted, Settled
from gateway.telemetry import names
from gateway.telemetry.counting import Level, Spread, Tally
from gateway.telemetry.exchange import Exchange

_SECONDS: Final = (*names.GENAI_SECONDS, *names.LONG_SECONDS)
_MODEL_LABELS: Final = ("gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model")


class EdgeMetrics:
    """Counts what the edge does."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(namespace="gateway_edge", registry=self.registry)
        self._requests = self._tally(names.REQUESTS, "team", "target", "zone", "reason", "status")
        self._refused = self._tally(names.REFUSED, "dialect", "code")
        self._mangled = self._tally(names.MANGLED, "team", "target")
        self._attempts = self._tally(names.ATTEMPTS, "target", "outcome")
        self._cost = self._tally(names.COST, "team", "target", "zone")
        self._reference = self._tally(names.REFERENCE_COST, "team")
        self._credentials = self._tally(names.CREDENTIAL_ALARMS, "target")
        self._duration = self._spread(names.REQUEST_DURATION, _SECONDS, "zone", "stream")
        self._operation = self._spread(names.GENAI_DURATION, _SECONDS, *_MODEL_LABELS, "error_type")
        self._ttft = self._spread(names.GENAI_TTFT, _SECONDS, *_MODEL_LABELS)
        self._tokens = self._spread(names.GENAI_TOKENS, names.TOKEN_BUCKETS, *_MODEL_LABELS, "gen_ai_token_type")
        self.in_flight = Level(names.IN_FLIGHT, names.METRICS[names.IN_FLIGHT], self.registry)
        self._budget = self._gauge(names.BUDGET_LEFT, "team")
        self._up = self._gauge(names.TARGET_UP, "target", "zone")
        self._policy = self._gauge(names.POLICY_INFO, "hash")
        self._reload_ok = self._gauge(names.POLICY_RELOAD_OK)
        self._reload_failures = Counter(
            names.POLICY_RELOAD_FAILURES, names.METRICS[names.POLICY_RELOAD_FAILURES], registry=self.registry
        )
        self._keys_ok = self._gauge(names.KEYS_OK)
        self._keys_ok.set(1)
        self._backlog = self._gauge(names.SPOOL_BACKLOG)
        self.internal_errors = Counter(names.LOOP_ERRORS, names.METRICS[names.LOOP_ERRORS], registry=self.registry)

    def keys(self, *, ok: bool) -> None:
        """Note whether all keys of the newest file are in force."""
        self._keys_ok.set(ok)

    def exchange(self, exchange: Exchange) -> None:
        """Count a finished request and its attempts."""
        finished, decision = exchange.finished, exchange.decision
        zone, target = finished.zone or "none", finished.target or "none"
        reason = finished.reason or "none"
        self._requests.add((decision.team, target, zone, reason, str(finished.status)))
        seconds = (finished.at - decision.at) / 1e9
        self._duration.observe((zone, "true" if decision.facts["stream"] else "false"), max(0.0, seconds))
        if finished.reference is not None:
            self._reference.add((decision.team,), finished.reference / NANOS_PER_USD)
        for started, settled in exchange.attempts:
            self._attempt(decision.team, started, settled)

    def refused(self, dialect: str, code: str, team: str, decision: str) -> None:  # noqa: ARG002 -- no labels of these
        """Count a request that ended before it was decided."""
        self._refused.add((dialect, code))

    def mangled(self, team: str, target: str, count: int) -> None:
        """Count placeholders that no value could come back for."""
        self._mangled.add((team, target), count)

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
        self._attempts.add((started.target, settled.outcome))
        self._cost.add((team, started.target, started.zone), settled.cost / NANOS_PER_USD)
        if settled.outcome == "upstream_credentials":
            self._credentials.add((started.target,))
        model = ("chat", started.provider, started.model)
        error = "" if settled.outcome == "ok" else settled.outcome
        self._operation.observe((*model, error), settled.duration / 1e9)
        if settled.ttft is not None:
            self._ttft.observe(model, settled.ttft / 1e9)
        if settled.outcome == "ok":
            self._tokens.observe((*model, "input"), settled.usage.input_tokens)
            self._tokens.observe((*model, "output"), settled.usage.output_tokens)

    def _tally(self, name: str, *labels: str) -> Tally:
        return Tally(name, names.METRICS[name], labels, self.registry)

    def _gauge(self, name: str, *labels: str) -> Gauge:
        return Gauge(name, names.METRICS[name], labels, registry=self.registry)

    def _spread(self, name: str, bounds: tuple[float, ...], *labels: str) -> Spread:
        return Spread(name, names.METRICS[name], labels, bounds, self.registry)
