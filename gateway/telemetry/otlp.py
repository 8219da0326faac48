"""Sends traces by OTLP over HTTP if ``OTEL_EXPORTER_OTLP_ENDPOINT`` is set; a collector that is away delays nothing."""

from collections.abc import Mapping, Sequence
from typing import Final

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext

from gateway.telemetry.exchange import Exchange
from gateway.telemetry.protobuf import delimited
from gateway.telemetry.sender import Limits, Sender
from gateway.telemetry.spans import Spans

ENDPOINT_VARIABLES: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
CLOSE_S: Final = 3.0
_SCOPE: Final = InstrumentationScope("gateway", schema_url="https://opentelemetry.io/schemas/1.41.0")
_UNNAMED: Final = "unknown_service"
"""Begins the name that the SDK gives a service that has none."""
_WORST: Final = 400


class Exporter:
    """Sends batches of serialized spans as OpenTelemetry's exporter does, with its settings.

    The exporter takes spans of the SDK only, so its client is given the bytes: endpoint, headers, compression,
    certificates, time-out and retries are its own.
    """

    def __init__(self) -> None:
        """Read OpenTelemetry's variables for the exporter and the resource."""
        self._exporter = OTLPSpanExporter()
        self._client = self._exporter._client  # noqa: SLF001 -- tests/unit/telemetry/test_otlp.py holds it to this
        # What all spans have in common, as the SDK encodes it: resource and scope.
        any_span = ReadableSpan(
            "", SpanContext(1, 1, is_remote=False), resource=resource(), instrumentation_scope=_SCOPE
        )
        (spans,) = encode_spans([any_span]).resource_spans
        (scoped,) = spans.scope_spans
        self._scope = ScopeSpans(scope=scoped.scope).SerializeToString()
        self._scope_end = ScopeSpans(schema_url=scoped.schema_url).SerializeToString()
        self._resource = ResourceSpans(resource=spans.resource).SerializeToString()
        self._resource_end = ResourceSpans(schema_url=spans.schema_url).SerializeToString()

    def payload(self, spans: Sequence[bytes]) -> bytes:
        """Return the body of one request: field after field in the order of their numbers."""
        scoped = b"".join((self._scope, *[delimited(b"\x12", span) for span in spans], self._scope_end))
        return delimited(b"\x0a", b"".join((self._resource, delimited(b"\x12", scoped), self._resource_end)))

    def send(self, spans: Sequence[bytes]) -> bool:
        """Send a batch, again where that may help; return whether the collector has it."""
        return self._client.export(self.payload(spans)).success

    def close(self) -> None:
        """End a retry that waits, and close the connections."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]  # the SDK has no annotation


class Traces:
    """Exports finished requests in the background; its queue is bounded, what does not fit is dropped and counted."""

    def __init__(self, sample: float, environ: Mapping[str, str] | None = None) -> None:
        """Take the share of traces to keep; errors and failovers are always kept."""
        self._spans = Spans()
        self._exporter = Exporter()
        self._sender = Sender(self._exporter.send, Limits.of(environ or {}))
        self._threshold = int(sample * (1 << 64))
        self._unmade = 0
        self._counted = (0, 0)
        self.exported = 0
        """Spans that were queued."""

    @property
    def dropped(self) -> int:
        """Spans that did not fit into the queue, that the collector did not take, or that cannot be made."""
        return self._unmade + self._sender.dropped

    def export(self, exchange: Exchange) -> None:
        """Queue the spans of a request if its trace is kept."""
        try:
            if not self._keeps(exchange):
                return
            spans = self._spans.of(exchange)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            self._unmade += 2 + len(exchange.attempts)
            return
        if self._sender.put(spans):
            self.exported += len(spans)

    def counted(self) -> tuple[int, int]:
        """Return how many spans were queued and how many dropped since this was called last."""
        now, before = (self.exported, self.dropped), self._counted
        self._counted = now
        return now[0] - before[0], now[1] - before[1]

    def close(self) -> None:
        """Send what is queued, within bounds."""
        self._sender.close(CLOSE_S)
        self._exporter.close()

    def _keeps(self, exchange: Exchange) -> bool:
        finished, trace = exchange.finished, exchange.decision.trace
        if finished.status >= _WORST or finished.attempts > 1:
            return True
        return trace.sampled and int(trace.trace[16:], 16) < self._threshold


def resource() -> Resource:
    """Return what OpenTelemetry's variables say of this process; a service without a name is ``gateway``."""
    found = Resource.create()
    if str(found.attributes[SERVICE_NAME]).startswith(_UNNAMED):
        return found.merge(Resource({SERVICE_NAME: "gateway"}))
    return found


def traces_if_asked(environ: Mapping[str, str], sample: float) -> Traces | None:
    """Return an exporter if the environment names an endpoint, as OpenTelemetry's SDKs do."""
    if not any(environ.get(name) for name in ENDPOINT_VARIABLES):
        return None
    return Traces(sample, environ)
