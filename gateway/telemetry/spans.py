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
from gateway.domain.money import NANOS_PER_USD
from gateway.domain.records import AttemptStarted, DecisionMade, Settled
from gateway.telemetry import names
from gateway.telemetry.exchange import Exchange
from gateway.telemetry.protobuf import OwnAttribute, delimited, varint

_PATHS: Final = {
    "openai.chat": "/v1/chat/completions",
    "anthropic.messages": "/v1/messages",
    "openai.responses": "/v1/responses",
}
_PROVIDERS: Final = {"openai": "openai", "anthropic": "anthropic", "sglang": "sglang", "litellm": "litellm"}
_SERVER_ERROR: Final = 500
_OWN: Final = {
    name: OwnAttribute(name)
    for name in (
        *(names.REQUEST_ID, names.COST_USD, names.DECISION_FACTS, names.BUDGET_LEFT_USD, names.GENAI_RESPONSE_ID),
        *(names.GENAI_TIME_TO_FIRST_CHUNK, names.GENAI_CONVERSATION, names.GENAI_INPUT_TOKENS),
        *(names.GENAI_OUTPUT_TOKENS, names.GENAI_CACHE_READ, names.GENAI_CACHE_WRITE, names.GENAI_REASONING),
    )
}
"""Attributes that hardly two requests share. Those between them are kept together, as bytes."""
_MOST_KEPT: Final = 4096
_LOCAL: Final = SpanFlags.SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK
_REMOTE: Final = _LOCAL | SpanFlags.SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK


class Spans:
    """Makes spans, and keeps what many of them have in common. Not for two threads at once."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], bytes] = {}

    def of(self, exchange: Exchange) -> list[bytes]:
        """Return the spans of one request as serialized ``Span`` messages, the server span first.

        Raises:
            ValueError, TypeError, KeyError, AttributeError, OverflowError: a record holds what no span can say.
        """
        decision, finished, trace = exchange.decision, exchange.finished, exchange.decision.trace
        failed = finished.status >= _SERVER_ERROR
        begin = b"\x0a\x10" + int(trace.trace, 16).to_bytes(16)
        server = _span(
            begin,
            (trace.span, trace.parent),
            f"POST {_PATHS[decision.facts['dialect']]}",
            Span.SPAN_KIND_SERVER,
            (decision.at, finished.at),
            self._server(exchange),
            _end(finished.error if failed else "", remote=bool(trace.parent)),
        )
        decided = _span(
            begin,
            (hashlib.blake2b(decision.id.encode(), digest_size=8).hexdigest(), trace.span),
            f"route {decision.policy}",
            Span.SPAN_KIND_INTERNAL,
            (decision.at, decision.decided_at),
            self._decision(decision),
            _end("", remote=False),
        )
        attempts = [
            _span(
                begin,
                (started.span, trace.span),
                f"chat {started.model}",
                Span.SPAN_KIND_CLIENT,
                (started.at, started.at + settled.duration),
                self._attempt(exchange, started, settled),
                _end("" if settled.outcome in {"ok", "client_closed"} else settled.outcome, remote=False),
            )
            for started, settled in exchange.attempts
        ]
        return [server, decided, *attempts]

    def _server(self, exchange: Exchange) -> tuple[bytes, ...]:
        """Return the attributes in order."""
        decision, finished = exchange.decision, exchange.finished
        error = finished.error if finished.status >= _SERVER_ERROR else ""
        path = _PATHS[decision.facts["dialect"]]
        return (
            self._shared(_ENTRY, (finished.method, path, path, "http", finished.status, finished.user_agent, error)),
            _text(names.REQUEST_ID, decision.id),
            self._shared(_CALLER, (decision.team, bool(decision.facts["stream"]), finished.client_closed or None)),
            _OWN[names.COST_USD].double(finished.cost / NANOS_PER_USD),
        )

    def _decision(self, decision: DecisionMade) -> tuple[bytes, ...]:
        made, facts = decision.decision, decision.facts
        left, label = facts["budget_left_nanos"], facts["label"]
        first: Mapping[str, Any] = made["ranked"][0] if made["ranked"] else {}
        dropped = [
            f"{drop['target']}: {drop['reason']} by {drop['rule']} ({drop['detail']})" for drop in made["dropped"]
        ]
        chosen = (decision.policy, made["rule"], first.get("target"), first.get("zone"), made["reason"])
        candidates = tuple([entry["target"] for entry in made["ranked"]])
        return (
            self._shared(_CHOICE, (*chosen, candidates, tuple(dropped), made["rollout"])),
            _OWN[names.DECISION_FACTS].text(canonical(facts)),
            self._shared(_LABEL, (label["data_class"], tuple(label["categories"]), facts["task"])),
            b"" if left is None else _OWN[names.BUDGET_LEFT_USD].double(left / NANOS_PER_USD),
        )

    def _attempt(self, exchange: Exchange, started: AttemptStarted, settled: Settled) -> tuple[bytes, ...]:
        facts = exchange.decision.facts
        stream, ttft = facts["stream"], settled.ttft
        host, _, port = started.server.rpartition(":")
        place = (host or started.server, int(port) if port.isdigit() else None)
        asked = ("chat", _PROVIDERS[started.provider], started.model, *place, facts["max_tokens"] or None)
        error = "" if settled.outcome == "ok" else settled.outcome
        where = (started.zone, started.target, started.number, settled.outcome)
        before = [earlier.target for earlier, _ in exchange.attempts if earlier.number < started.number]
        return (
            self._shared(_ASKED, (*asked, True if stream else None)),
            _text(names.GENAI_CONVERSATION, facts["session"]),
            self._shared(_MODEL, (settled.response_model,)),
            _text(names.GENAI_RESPONSE_ID, settled.response_id),
            self._shared(_FINISH, ((settled.finish,) if settled.finish else None,)),
            b"" if ttft is None or not stream else _OWN[names.GENAI_TIME_TO_FIRST_CHUNK].double(ttft / 1e9),
            self._shared(_OUTCOME, (settled.status or None, error, *where)),
            _OWN[names.COST_USD].double(settled.cost / NANOS_PER_USD),
            self._shared(_FALLBACK, (before[-1] if before else None,)),
            *(self._usage(settled) if started is exchange.attempts[-1][0] else ()),
        )

    def _usage(self, settled: Settled) -> tuple[bytes, ...]:
        """Return usage, which is on exactly one span of a request so that sums over spans are correct."""
        usage = settled.usage
        written, thought = usage.cache_write_tokens, usage.reasoning_tokens
        return (
            _OWN[names.GENAI_INPUT_TOKENS].integer(usage.input_tokens),
            _OWN[names.GENAI_OUTPUT_TOKENS].integer(usage.output_tokens),
            _OWN[names.GENAI_CACHE_READ].integer(usage.cached_input_tokens),
            _OWN[names.GENAI_CACHE_WRITE].integer(written) if written else b"",
            _OWN[names.GENAI_REASONING].integer(thought) if thought else b"",
            self._shared(_ESTIMATED, (usage.estimated or None,)),
        )

    def _shared(self, which: tuple[str, ...], values: tuple[Any, ...]) -> bytes:
        """Return attributes that stand behind one another; what is not known is left out: None and what is empty."""
        key = (which[0], *values)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            named = [(name, value) for name, value in zip(which, values, strict=True) if value or value == 0]
            found = self._kept[key] = b"".join([_serialized(name, value) for name, value in named])
        return found


_ENTRY: Final = (
    *(names.HTTP_METHOD, names.HTTP_ROUTE, names.URL_PATH, names.URL_SCHEME, names.HTTP_STATUS, names.USER_AGENT),
    names.ERROR_TYPE,
)
_CALLER: Final = (names.TEAM, names.STREAM, names.CLIENT_ABORTED)
_CHOICE: Final = (
    *(names.POLICY_HASH, names.RULE, names.DECISION_TARGET, names.DECISION_ZONE, names.DECISION_REASON),
    *(names.DECISION_CANDIDATES, names.DECISION_DROPPED, names.DECISION_ROLLOUT),
)
_LABEL: Final = (names.DATA_CLASS, names.CATEGORIES, names.TASK)
_ASKED: Final = (
    *(names.GENAI_OPERATION, names.GENAI_PROVIDER, names.GENAI_REQUEST_MODEL, names.SERVER_ADDRESS, names.SERVER_PORT),
    *(names.GENAI_REQUEST_MAX_TOKENS, names.GENAI_REQUEST_STREAM),
)
_MODEL: Final = (names.GENAI_RESPONSE_MODEL,)
_FINISH: Final = (names.GENAI_FINISH_REASONS,)
_OUTCOME: Final = (names.HTTP_STATUS, names.ERROR_TYPE, names.ZONE, names.TARGET, names.ATTEMPT, names.OUTCOME)
_FALLBACK: Final = (names.FALLBACK_FROM,)
_ESTIMATED: Final = (names.ESTIMATED,)


def _text(name: str, value: str) -> bytes:
    return _OWN[name].text(value.encode()) if value else b""


def _span(
    begin: bytes,
    ids: tuple[str, str],
    name: str,
    kind: Span.SpanKind.ValueType,
    times: tuple[int, int],
    attributes: tuple[bytes, ...],
    end: bytes,
) -> bytes:
    """Return one span: field after field in the order of their numbers, as the SDK's exporter writes them.

    Args:
        begin: the trace's id.
        ids: its own and its parent's, in hex (empty: none).
        name: never empty.
        kind: of the span.
        times: Unix nanoseconds.
        attributes: in order.
        end: of :func:`_end`.
    """
    start, stop = times[0], max(times)
    return b"".join(
        (
            begin,
            b"\x12\x08",
            int(ids[0], 16).to_bytes(8),
            b"\x22\x08" + int(ids[1], 16).to_bytes(8) if ids[1] else b"",
            delimited(b"\x2a", name.encode()),
            b"\x30" + varint(kind),
            b"\x39" + int.to_bytes(start, 8, "little") if start else b"",
            b"\x41" + int.to_bytes(stop, 8, "little") if stop else b"",
            *attributes,
            end,
        )
    )


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
