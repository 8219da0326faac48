"""The trace of a finished request: server span, decision span, one client span an attempt.

Made after the fact from the ledger's records, in the ledger child, as OTLP has them on the wire: a span of
OpenTelemetry's SDK costs about 0.1 ms. The bytes are those that the SDK's exporter makes of the same span. Parts of a
protobuf message may be serialized one by one, so an attribute that many spans have is serialized once.
Conventions: HTTP (stable), GenAI 1.41 (Development); ours are ``gateway.*``.
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, SpanFlags, Status

from gateway.domain.facts import canonical
from gateway.domain.money import to_usd
from gateway.domain.records import AttemptStarted, DecisionMade, Settled, TraceRef
from gateway.telemetry import names
from gateway.telemetry.exchange import Exchange

_PATHS: Final = {"openai.chat": "/v1/chat/completions", "anthropic.messages": "/v1/messages"}
_PROVIDERS: Final = {"openai": "openai", "anthropic": "anthropic", "sglang": "sglang", "litellm": "litellm"}
_SERVER_ERROR: Final = 500
_OWN: Final = frozenset(
    {
        *(names.REQUEST_ID, names.COST_USD, names.DECISION_FACTS, names.BUDGET_LEFT_USD, names.GENAI_RESPONSE_ID),
        *(names.GENAI_TIME_TO_FIRST_CHUNK, names.GENAI_CONVERSATION, names.GENAI_INPUT_TOKENS),
        *(names.GENAI_OUTPUT_TOKENS, names.GENAI_CACHE_READ, names.GENAI_CACHE_WRITE, names.GENAI_REASONING),
    }
)
"""Attributes that hardly two requests share: they are not kept."""
_MOST_KEPT: Final = 4096
_LOCAL: Final = SpanFlags.SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK
_REMOTE: Final = _LOCAL | SpanFlags.SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK

Attributes = dict[str, Any]


class Spans:
    """Makes spans, and keeps what many of them have in common. Not for two threads at once."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Any, type], bytes] = {}
        self._forms = {name: _Form(name) for name in _OWN}

    def of(self, exchange: Exchange) -> list[bytes]:
        """Return the spans of one request as serialized ``Span`` messages, the server span first.

        Raises:
            ValueError, TypeError, KeyError: a record holds what no span can say.
        """
        decision, finished = exchange.decision, exchange.finished
        trace = decision.trace
        failed = finished.status >= _SERVER_ERROR
        server = self._span(
            f"POST {_PATHS[decision.facts['dialect']]}",
            trace,
            (trace.span, trace.parent),
            (decision.at, finished.at),
            Span.SPAN_KIND_SERVER,
            _server_attributes(exchange),
            error=finished.error if failed else "",
        )
        decided = self._span(
            f"route {decision.policy}",
            trace,
            (hashlib.blake2b(decision.id.encode(), digest_size=8).hexdigest(), trace.span),
            (decision.at, decision.decided_at),
            Span.SPAN_KIND_INTERNAL,
            _decision_attributes(decision),
        )
        attempts = [
            self._span(
                f"chat {started.model}",
                trace,
                (started.span, trace.span),
                (started.at, started.at + settled.duration),
                Span.SPAN_KIND_CLIENT,
                _attempt_attributes(exchange, started, settled),
                error="" if settled.outcome in {"ok", "client_closed"} else settled.outcome,
            )
            for started, settled in exchange.attempts
        ]
        return [server, decided, *attempts]

    def _span(
        self,
        name: str,
        trace: TraceRef,
        ids: tuple[str, str],
        times: tuple[int, int],
        kind: Span.SpanKind.ValueType,
        attributes: Mapping[str, Any],
        *,
        error: str = "",
    ) -> bytes:
        """Return one span. ``ids`` is its own id and its parent's (empty: none); times are Unix nanoseconds."""
        head = Span(
            trace_id=int(trace.trace, 16).to_bytes(16),
            span_id=int(ids[0], 16).to_bytes(8),
            parent_span_id=int(ids[1], 16).to_bytes(8) if ids[1] else b"",
            name=name,
            kind=kind,
            start_time_unix_nano=times[0],
            end_time_unix_nano=max(times),
        ).SerializeToString()
        remote = bool(ids[1]) and kind == Span.SPAN_KIND_SERVER
        parts = [self._attribute(key, value) for key, value in attributes.items()]
        return b"".join((head, *parts, _end(error, remote=remote)))

    def _attribute(self, name: str, value: Any) -> bytes:
        if name in _OWN:
            return self._forms[name].filled(value)
        key = (name, tuple(value) if isinstance(value, list) else value, type(value))
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            found = self._kept[key] = _serialized(name, value)
        return found


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


class _Form:
    """An attribute that is filled in again and again: to make its messages anew costs several times as much."""

    def __init__(self, name: str) -> None:
        self._span = Span(attributes=[KeyValue(key=name)])
        self._value = self._span.attributes[0].value

    def filled(self, value: Any) -> bytes:
        """Return it with a text or a number."""
        if isinstance(value, str):
            self._value.string_value = value
        elif isinstance(value, float):
            self._value.double_value = value
        else:
            self._value.int_value = value
        made: bytes = self._span.SerializeToString()
        return made


def _serialized(name: str, value: Any) -> bytes:
    made: bytes = Span(attributes=[KeyValue(key=name, value=_any(value))]).SerializeToString()
    return made


def _any(value: Any) -> AnyValue:
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case str():
            return AnyValue(string_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case _:
            return AnyValue(array_value=ArrayValue(values=[_any(each) for each in value]))


@lru_cache
def _end(error: str, *, remote: bool) -> bytes:
    """Return how a span ended, and whether its parent is another process's."""
    status = Status(code=Status.STATUS_CODE_ERROR, message=error) if error else Status()
    made: bytes = Span(status=status, flags=_REMOTE if remote else _LOCAL).SerializeToString()
    return made


def _present(attributes: Mapping[str, Any]) -> Attributes:
    """Leave out what is not known: None, empty texts, empty lists."""
    return {name: value for name, value in attributes.items() if value or value == 0}
