"""One trace a request, decoded from real OTLP: server span, decision span, one client span an attempt."""

import httpx
import pytest
from support.otlp_sink import otlp_sink
from support.stack import stack

SERVER, INTERNAL, CLIENT, ERROR = 2, 1, 3, 2
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    with otlp_sink() as sink, stack(tmp_path_factory.mktemp("traces")) as made:
        made.environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
        yield made.start(), sink


def spans(traced, trace, count):
    own, sink = traced
    own.wait_for(lambda: len(sink.of(trace)) >= count, f"{count} spans")
    return sorted(sink.of(trace), key=lambda span: (span["start"], span["kind"] != SERVER))


def test_a_call_is_one_trace_below_the_callers_and_above_the_engines(traced):
    own, _ = traced
    own.chat(headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})

    server, decision, client = spans(traced, TRACE, 3)

    assert (server["kind"], server["name"], server["parent"]) == (
        SERVER,
        "POST /v1/chat/completions",
        "b7ad6b7169203331",
    )
    assert (decision["kind"], decision["parent"]) == (INTERNAL, server["id"])
    assert (client["kind"], client["name"], client["parent"]) == (CLIENT, "chat Qwen/Qwen3-32B", server["id"])
    received = own.sglang.requests("/v1/chat/completions")[-1]["headers"]["traceparent"]
    assert received == f"00-{TRACE}-{client['id']}-01"


def test_the_spans_carry_the_decision_and_the_usage_once(traced):
    trace = "1af7651916cd43dd8448eb211c80319c"
    traced[0].chat("4539 1488 0343 6467", model="gpt-5", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})

    server, decision, client = (span["attributes"] for span in spans(traced, trace, 3))

    assert server["gateway.team"] == "support"
    assert server["http.response.status_code"] == 200
    assert decision["gateway.decision.target"] == "qwen3-32b"
    assert decision["gateway.decision.reason"] == "sensitivity"
    assert decision["gateway.decision.dropped"][0].startswith("gpt-5: sensitivity by clearance")
    assert decision["gateway.class.sensitivity"] == "restricted"
    assert len(decision["gateway.policy.hash"]) == 16
    assert client["gen_ai.operation.name"] == "chat"
    assert client["gen_ai.provider.name"] == "sglang"
    assert client["gen_ai.usage.input_tokens"] > 0
    assert client["gen_ai.usage.output_tokens"] > 0
    assert client["gateway.cost.usd"] > 0
    assert not any(name.startswith("gen_ai.usage") for name in (*server, *decision))


def test_each_attempt_is_a_span_and_only_the_last_has_usage(traced):
    own, _ = traced
    trace = "2af7651916cd43dd8448eb211c80319c"
    httpx.post(own.openai.url + "/sandbox/faults", json={"status": 500, "times": 1})
    own.chat(model="gpt-5", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})

    first, last = (span for span in spans(traced, trace, 4) if span["kind"] == CLIENT)

    assert (first["status"], first["attributes"]["error.type"]) == (ERROR, "upstream_error")
    assert "gen_ai.usage.output_tokens" not in first["attributes"]
    assert last["attributes"]["gateway.fallback.from"] == "gpt-5"
    assert last["attributes"]["gen_ai.usage.output_tokens"] > 0


def test_no_span_holds_text(traced):
    own, sink = traced
    own.chat("the canary sings at dawn")
    own.wait_for(lambda: len(sink.spans) >= 13, "the spans")

    assert "canary" not in repr(sink.spans)
