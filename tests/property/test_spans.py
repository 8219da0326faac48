"""The bytes of a trace are those that OpenTelemetry's SDK and its exporter make of the same request."""

import tarfile
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from support.books import NOON, attempt, decision_made, everything, finished, settled
from support.replacing import replace
from support.sdk_spans import spans_of

from gateway.domain.records import TraceRef
from gateway.domain.usage import Usage
from gateway.stores.data_dir import DataDir
from gateway.telemetry import otlp
from gateway.telemetry.collect import Collector
from gateway.telemetry.exchange import Exchange
from gateway.telemetry.spans import Spans

KEPT = sorted((Path(__file__).parents[1] / "kept").glob("*/data.tar.xz"))

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
counts = st.one_of(st.integers(0, 3), st.integers(0, 1 << 62))
hexes = {size: st.binary(min_size=size, max_size=size).map(bytes.hex) for size in (8, 16)}


@pytest.fixture(scope="module")
def exporter():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=a,deployment=test")
        made = otlp.Exporter()
        made.resource = otlp.resource()
        yield made
        made.close()


def same(exporter, spans, exchanges):
    """Every field, parsed, and the bytes."""
    new = exporter.payload([span for one in exchanges for span in spans.of(one)])
    old = encode_spans([span for one in exchanges for span in spans_of(one, exporter.resource)])
    assert ExportTraceServiceRequest.FromString(new) == old
    return new == old.SerializePartialToString()


@pytest.mark.parametrize("version", KEPT, ids=lambda path: path.parent.name)
def test_every_kept_request_has_the_trace_that_the_sdk_makes(version, tmp_path, exporter):
    with tarfile.open(version) as archive:
        archive.extractall(tmp_path, filter="data")
    exchanges = list(Collector().feed(everything(DataDir(tmp_path))))

    assert len(exchanges) >= 300
    assert same(exporter, Spans(), exchanges)


@st.composite
def exchanges(draw):
    made = decision_made(1, at=NOON, team=draw(texts), task=draw(texts))
    ranked = draw(st.lists(st.builds(dict, target=texts, zone=texts), max_size=3))
    drop = st.builds(dict, target=texts, reason=texts, rule=texts, detail=texts)
    made = replace(
        made,
        id=draw(texts),
        decided_at=NOON + draw(st.integers(-5, 10**9)),
        facts=made.facts
        | {
            "dialect": draw(st.sampled_from(["openai.chat", "anthropic.messages"])),
            "stream": draw(st.booleans()),
            "max_tokens": draw(st.one_of(st.none(), counts)),
            "session": draw(texts),
            "budget_left_nanos": draw(st.one_of(st.none(), st.integers(-(10**15), 10**15))),
            "label": {"data_class": draw(texts), "categories": draw(st.lists(texts, max_size=3))},
        },
        decision=made.decision
        | {
            "ranked": ranked,
            "dropped": draw(st.lists(drop, max_size=3)),
            "reason": draw(st.one_of(st.none(), texts)),
            "rule": draw(texts),
            "rollout": draw(texts),
        },
        trace=TraceRef(draw(hexes[16]), draw(hexes[8]), draw(st.one_of(st.just(""), hexes[8]))),
    )
    return Exchange(made, tuple(draw(st.lists(attempts(), max_size=3))), draw(ends()))


@st.composite
def attempts(draw):
    started = replace(
        attempt(1, nth=draw(st.integers(1, 3)), target=draw(texts), zone=draw(texts)),
        model=draw(texts),
        provider=draw(st.sampled_from(["openai", "anthropic", "sglang", "litellm"])),
        server=draw(st.sampled_from(["127.0.0.1:30000", "[::1]:80", "api.openai.com", ""])),
        span=draw(hexes[8]),
    )
    ended = replace(
        settled(1, outcome=draw(st.sampled_from(["ok", "client_closed", "upstream_error"]))),
        status=draw(st.sampled_from([0, 200, 502])),
        usage=Usage(*[draw(counts) for _ in range(5)], estimated=draw(st.booleans())),
        cost=draw(counts),
        finish=draw(texts),
        ttft=draw(st.one_of(st.none(), counts)),
        duration=draw(st.integers(-5, 1 << 40)),
        response_model=draw(texts),
        response_id=draw(texts),
    )
    return started, ended


def ends():
    return st.builds(
        replace,
        st.just(finished(1)),
        at=st.integers(NOON - 5, NOON + 10**12),
        status=st.sampled_from([200, 403, 499, 500, 502]),
        error=texts,
        cost=counts,
        client_closed=st.booleans(),
        method=texts,
        user_agent=texts,
    )


@given(st.lists(exchanges(), min_size=1, max_size=3))
def test_any_request_has_the_trace_that_the_sdk_makes(exporter, found):
    spans = Spans()

    assert same(exporter, spans, found)
    assert same(exporter, spans, list(chain(found, found)))
