"""Sends traces by OTLP over HTTP if ``OTEL_EXPORTER_OTLP_ENDPOINT`` is set; a collector that is away delays nothing."""

from collections.abc import Mapping
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from gateway.telemetry.exchange import Exchange
from gateway.telemetry.spans import spans_of

ENDPOINT_VARIABLES: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
FLUSH_MS: Final = 3000
_WORST: Final = 400


class Traces:
    """Exports finished requests in the background; its queue is bounded, what does not fit is dropped and counted."""

    def __init__(self, sample: float) -> None:
        """Take the share of traces to keep; errors and failovers are always kept."""
        self._resource = Resource.create({"service.name": "gateway"})
        self._processor = BatchSpanProcessor(OTLPSpanExporter())
        self._threshold = int(sample * (1 << 64))
        self.exported = 0

    def export(self, exchange: Exchange) -> None:
        """Queue the spans of a request if its trace is kept."""
        if not self._keeps(exchange):
            return
        for span in spans_of(exchange, self._resource):
            self._processor.on_end(span)
            self.exported += 1

    def close(self) -> None:
        """Send what is queued, within bounds."""
        self._processor.force_flush(FLUSH_MS)
        self._processor.shutdown()  # type: ignore[no-untyped-call]  # the SDK has no annotation

    def _keeps(self, exchange: Exchange) -> bool:
        finished, trace = exchange.finished, exchange.decision.trace
        if finished.status >= _WORST or finished.attempts > 1:
            return True
        return trace.sampled and int(trace.trace[16:], 16) < self._threshold


def traces_if_asked(environ: Mapping[str, str], sample: float) -> Traces | None:
    """Return an exporter if the environment names an endpoint, as OpenTelemetry's SDKs do."""
    if not any(environ.get(name) for name in ENDPOINT_VARIABLES):
        return None
    return Traces(sample)
