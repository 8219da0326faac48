"""A trace as objects of OpenTelemetry's SDK: what ``gateway.telemetry.spans`` is held to, byte by byte."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from gateway.domain.facts import canonical
from gateway.domain.money import to_usd
from gateway.domain.records import AttemptStarted, DecisionMade, Settled, TraceRef
from gateway.telemetry import names
from gateway.telemetry.exchange import Exchange

_PATHS: Final = {"openai.chat": "/v1/chat/completions", "anthropic.messages": "/v1/messages"}
_PROVIDERS: Final = {"openai": "openai", "anthropic": "anthropic", "sglang": "sglang", "litellm": "litellm"}
_SCOPE: Final = InstrumentationScope("gateway", schema_url="https://opentelemetry.io/schemas/1.41.0")
_SERVER_ERROR: Final = 500

Attributes = dict[str, Any]


def spans_of(exchange: Exchange, resource: Resource) -> list[ReadableSpan]:
    """Return the spans of one request, the server span first."""
    decision, finished = exchange.decision, exchange.finished
    trace = decision.trace
    failed = finished.status >= _SERVER_ERROR
    server = _span(
        f"POST {_PATHS[decision.facts['dialect']]}",
        trace,
        (trace.span, trace.parent),
        (decision.at, finished.at),
        SpanKind.SERVER,
        _server_attributes(exchange),
        resource,
        error=finished.error if failed else "",
    )
    decided = _span(
        f"route {decision.policy}",
        trace,
        (hashlib.blake2b(decision.id.encode(), digest_size=8).hexdigest(), trace.span),
        (decision.at, decision.decided_at),
        SpanKind.INTERNAL,
        _decision_attributes(decision),
        resource,
    )
    attempts = [
        _span(
            f"chat {started.model}",
            trace,
            (started.span, trace.span),
            (started.at, started.at + settled.duration),
            SpanKind.CLIENT,
            _attempt_attributes(exchange, started, settled),
            resource,
            error="" if settled.outcome in {"ok", "client_closed"} else settled.outcome,
        )
        for started, settled in exchange.attempts
    ]
    return [server, decided, *attempts]


def _server_attributes(exchange: Exchange) -> Attributes:
    decision, finished = exchange.decision, exchange.finished
    path = _PATHS[decision.facts["dialect"]]
    return _present(
        {
            names.HTTP_METHOD: finished.method,
            names.HTTP_ROUTE: path,
            names.URL_PATH: path,
            names.URL_SCHEME: "http",
            names.HTTP_STATUS: finished.status,
            names.USER_AGENT: finished.user_agent,
            names.ERROR_TYPE: finished.error if finished.status >= _SERVER_ERROR else "",
            names.REQUEST_ID: decision.id,
            names.TEAM: decision.team,
            names.STREAM: bool(decision.facts["stream"]),
            names.CLIENT_ABORTED: finished.client_closed or None,
            names.COST_USD: float(to_usd(finished.cost)),
        }
    )


def _decision_attributes(decision: DecisionMade) -> Attributes:
    made, facts = decision.decision, decision.facts
    left = facts["budget_left_nanos"]
    first: Mapping[str, Any] = made["ranked"][0] if made["ranked"] else {}
    return _present(
        {
            names.POLICY_HASH: decision.policy,
            names.RULE: made["rule"],
            names.DECISION_TARGET: first.get("target"),
            names.DECISION_ZONE: first.get("zone"),
            names.DECISION_REASON: made["reason"],
            names.DECISION_CANDIDATES: [entry["target"] for entry in made["ranked"]],
            names.DECISION_DROPPED: [
                f"{drop['target']}: {drop['reason']} by {drop['rule']} ({drop['detail']})" for drop in made["dropped"]
            ],
            names.DECISION_ROLLOUT: made["rollout"],
            names.DECISION_FACTS: canonical(facts).decode(),
            names.DATA_CLASS: facts["label"]["data_class"],
            names.CATEGORIES: facts["label"]["categories"],
            names.TASK: facts["task"],
            names.BUDGET_LEFT_USD: None if left is None else float(to_usd(left)),
        }
    )


def _attempt_attributes(exchange: Exchange, started: AttemptStarted, settled: Settled) -> Attributes:
    facts = exchange.decision.facts
    host, _, port = started.server.rpartition(":")
    before = [earlier.target for earlier, _ in exchange.attempts if earlier.number < started.number]
    attributes: Attributes = {
        names.GENAI_OPERATION: "chat",
        names.GENAI_PROVIDER: _PROVIDERS[started.provider],
        names.GENAI_REQUEST_MODEL: started.model,
        names.SERVER_ADDRESS: host or started.server,
        names.SERVER_PORT: int(port) if port.isdigit() else None,
        names.GENAI_REQUEST_MAX_TOKENS: facts["max_tokens"] or None,
        names.GENAI_REQUEST_STREAM: True if facts["stream"] else None,
        names.GENAI_CONVERSATION: facts["session"],
        names.GENAI_RESPONSE_MODEL: settled.response_model,
        names.GENAI_RESPONSE_ID: settled.response_id,
        names.GENAI_FINISH_REASONS: [settled.finish] if settled.finish else None,
        names.GENAI_TIME_TO_FIRST_CHUNK: settled.ttft / 1e9 if settled.ttft is not None and facts["stream"] else None,
        names.HTTP_STATUS: settled.status or None,
        names.ERROR_TYPE: "" if settled.outcome == "ok" else settled.outcome,
        names.ZONE: started.zone,
        names.TARGET: started.target,
        names.ATTEMPT: started.number,
        names.OUTCOME: settled.outcome,
        names.COST_USD: float(to_usd(settled.cost)),
        names.FALLBACK_FROM: before[-1] if before else None,
    }
    if started is exchange.attempts[-1][0]:
        attributes |= _usage_attributes(settled)
    return _present(attributes)


def _usage_attributes(settled: Settled) -> Attributes:
    """Return usage, which is on exactly one span of a request so that sums over spans are correct."""
    usage = settled.usage
    return {
        names.GENAI_INPUT_TOKENS: usage.input_tokens,
        names.GENAI_OUTPUT_TOKENS: usage.output_tokens,
        names.GENAI_CACHE_READ: usage.cached_input_tokens,
        names.GENAI_CACHE_WRITE: usage.cache_write_tokens or None,
        names.GENAI_REASONING: usage.reasoning_tokens or None,
        names.ESTIMATED: usage.estimated or None,
    }


def _span(
    name: str,
    trace: TraceRef,
    ids: tuple[str, str],
    times: tuple[int, int],
    kind: SpanKind,
    attributes: Mapping[str, Any],
    resource: Resource,
    *,
    error: str = "",
) -> ReadableSpan:
    """Return one span. ``ids`` is its own id and its parent's (empty: none); times are Unix nanoseconds."""
    return ReadableSpan(
        name=name,
        context=_context(trace.trace, ids[0]),
        parent=_context(trace.trace, ids[1], remote=kind is SpanKind.SERVER) if ids[1] else None,
        resource=resource,
        attributes=attributes,
        kind=kind,
        instrumentation_scope=_SCOPE,
        status=Status(StatusCode.ERROR, error) if error else Status(StatusCode.UNSET),
        start_time=times[0],
        end_time=max(times),
    )


def _context(trace: str, span: str, *, remote: bool = False) -> SpanContext:
    return SpanContext(int(trace, 16), int(span, 16), is_remote=remote, trace_flags=TraceFlags(TraceFlags.SAMPLED))


def _present(attributes: Mapping[str, Any]) -> Attributes:
    """Leave out what is not known: None, empty texts, empty lists."""
    return {name: value for name, value in attributes.items() if value is not None and value not in ("", [])}
