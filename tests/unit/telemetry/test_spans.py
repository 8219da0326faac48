"""The trace of a finished request."""

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import SpanKind, StatusCode
from support.exchanges import exchange, failed_over, refused
from support.fakes import TRACE, FakeUpstream, ask, whole

from gateway.telemetry import names
from gateway.telemetry.spans import spans_of

RESOURCE = Resource({"service.name": "gateway"})


def spans(done):
    return spans_of(done, RESOURCE)


def test_a_request_is_a_server_span_over_a_decision_and_one_span_an_attempt():
    server, decided, first, second = spans(failed_over())
    assert server.name == "POST /v1/chat/completions"
    assert (server.kind, decided.kind, first.kind) == (SpanKind.SERVER, SpanKind.INTERNAL, SpanKind.CLIENT)
    assert [f"{span.parent.span_id:016x}" for span in (decided, first, second)] == [TRACE.span] * 3
    assert {span.context.trace_id for span in (server, decided, first, second)} == {int(TRACE.trace, 16)}
    assert len({span.context.span_id for span in (server, decided, first, second)}) == 4
    assert server.parent is None


def test_every_span_ends_after_it_begins():
    for span in spans(failed_over()):
        assert span.end_time >= span.start_time > 0


def test_usage_stands_on_one_span_a_request_so_that_sums_are_true():
    done = failed_over()
    assert [names.GENAI_INPUT_TOKENS in span.attributes for span in spans(done)] == [False, False, False, True]
    last = spans(done)[-1].attributes
    assert (last[names.GENAI_INPUT_TOKENS], last[names.GENAI_OUTPUT_TOKENS]) == (7, 3)
    assert last[names.FALLBACK_FROM] == "home"
    assert names.FALLBACK_FROM not in spans(done)[2].attributes


def test_the_decision_tells_why():
    attributes = spans(refused())[1].attributes
    assert attributes[names.DECISION_DROPPED] == [
        "away: sensitivity by clearance (restricted data, cleared up to internal)"
    ]
    assert attributes[names.DATA_CLASS] == "restricted"
    assert attributes[names.CATEGORIES] == ["pci"]
    assert names.DECISION_TARGET not in attributes
    attributes = spans(exchange())[1].attributes
    assert (attributes[names.DECISION_TARGET], attributes[names.DECISION_ZONE]) == ("home", "local")


def test_a_failed_attempt_is_an_error_and_a_failed_request_too_if_it_is_ours():
    _, _, first, second = spans(failed_over())
    assert (first.status.status_code, first.attributes[names.ERROR_TYPE]) == (StatusCode.ERROR, "upstream_saturated")
    assert second.status.status_code is StatusCode.UNSET
    failing = exchange(FakeUpstream(home=whole({}, status=500), away=whole({}, status=500)))
    assert spans(failing)[0].status.status_code is StatusCode.ERROR
    assert spans(failing)[0].attributes[names.HTTP_STATUS] == 502
    assert spans(refused())[0].status.status_code is StatusCode.UNSET


def test_no_text_is_in_a_span():
    secret = "Zanzibar-Quokka"
    done = exchange(body=ask(secret, user=secret, metadata={secret: 1}), x_gateway_session=secret, user_agent="agent")
    shown = "".join(span.to_json() for span in spans(done))
    assert secret not in shown
    assert "agent" in shown


@pytest.mark.parametrize("name", [names.HTTP_STATUS, names.TEAM, names.REQUEST_ID, names.COST_USD])
def test_the_server_span_says_who_and_how_much(name):
    assert name in spans(exchange())[0].attributes


def test_a_callers_span_is_the_parent():
    done = exchange()
    trace = done.decision.trace
    object.__setattr__(done.decision, "trace", type(trace)(trace.trace, trace.span, "00f067aa0ba902b7", sampled=True))
    server = spans(done)[0]
    assert f"{server.parent.span_id:016x}" == "00f067aa0ba902b7"
    assert server.parent.is_remote
