"""Traces leave only if asked for; errors and failovers are always kept, the rest by their share."""

import pytest
from support.otlp_sink import otlp_sink
from support.replacing import replace

from gateway.domain.records import TraceRef
from gateway.telemetry.otlp import Traces, traces_if_asked


@pytest.fixture
def sink():
    with otlp_sink() as sink:
        yield sink


@pytest.fixture
def traces(sink, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.url)
    made = []

    def make(sample: float = 1.0) -> Traces:
        made.append(Traces(sample))
        return made[-1]

    yield make
    for each in made:
        each.close()


def traced(exchange, trace, **end):
    return replace(
        exchange,
        decision=replace(exchange.decision, trace=trace),
        finished=replace(exchange.finished, **end),
    )


def test_without_an_endpoint_nothing_is_exported():
    assert traces_if_asked({}, 1.0) is None
    assert traces_if_asked({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, 1.0) is None


@pytest.mark.parametrize("name", ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
def test_either_variable_of_opentelemetry_asks_for_traces(name):
    traces = traces_if_asked({name: "http://127.0.0.1:9"}, 1.0)
    assert traces is not None
    traces.close()


def test_what_was_queued_is_sent_at_the_end(traces, sink, served):
    one = traces()
    one.export(served)
    one.close()

    assert one.exported == 3
    assert len(sink.of("ab" * 16)) == 3


@pytest.mark.parametrize(
    ("trace", "end", "kept"),
    [
        (TraceRef("ab" * 8 + "00" * 8, "cd" * 8), {}, True),
        (TraceRef("ab" * 8 + "ff" * 8, "cd" * 8), {}, False),
        (TraceRef("ab" * 8 + "00" * 8, "cd" * 8, sampled=False), {}, False),
        (TraceRef("ab" * 8 + "ff" * 8, "cd" * 8), {"status": 502}, True),
        (TraceRef("ab" * 8 + "ff" * 8, "cd" * 8), {"status": 403}, True),
        (TraceRef("ab" * 8 + "ff" * 8, "cd" * 8, sampled=False), {"attempts": 2}, True),
    ],
)
def test_a_share_of_half_keeps_half_of_the_traces_and_all_that_went_wrong(traces, served, trace, end, kept):
    one = traces(0.5)
    one.export(traced(served, trace, **end))

    assert (one.exported > 0) == kept


@pytest.mark.parametrize(("share", "kept"), [(0.0, False), (1.0, True)])
def test_no_share_keeps_none_and_the_whole_keeps_all(traces, served, share, kept):
    for tail in ("00" * 8, "ff" * 8):
        one = traces(share)
        one.export(traced(served, TraceRef("ab" * 8 + tail, "cd" * 8)))

        assert (one.exported > 0) == kept
