"""The trace of a request: a server span, a decision span, a client span for each attempt, never a text."""

import json
from types import SimpleNamespace

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, SpanFlags
from opentelemetry.trace import SpanKind, StatusCode
from support.books import NOON, attempt, decision_made, finished, settled
from support.otlp_sink import _value
from support.replacing import replace

from gateway.domain.records import TraceRef
from gateway.domain.usage import Usage
from gateway.telemetry import names
from gateway.telemetry.exchange import Exchange
from gateway.telemetry.spans import Spans

USAGE = {names.GENAI_INPUT_TOKENS, names.GENAI_OUTPUT_TOKENS, names.GENAI_CACHE_READ}


KINDS = {
    Span.SPAN_KIND_SERVER: SpanKind.SERVER,
    Span.SPAN_KIND_INTERNAL: SpanKind.INTERNAL,
    Span.SPAN_KIND_CLIENT: SpanKind.CLIENT,
}


def spans(exchange, make=None):
    """The spans of a request as objects, to look at."""
    return [_read(Span.FromString(raw)) for raw in (make or Spans()).of(exchange)]


def _read(span):
    context = SimpleNamespace(trace_id=int.from_bytes(span.trace_id), span_id=int.from_bytes(span.span_id))
    remote = bool(span.flags & SpanFlags.SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK)
    parent = SimpleNamespace(span_id=int.from_bytes(span.parent_span_id), is_remote=remote)
    return SimpleNamespace(
        name=span.name,
        kind=KINDS[span.kind],
        context=context,
        parent=parent if span.parent_span_id else None,
        start_time=span.start_time_unix_nano,
        end_time=span.end_time_unix_nano,
        status=SimpleNamespace(status_code=StatusCode(span.status.code)),
        attributes={each.key: _value(each.value) for each in span.attributes},
    )


def with_facts(exchange, **facts):
    made = exchange.decision
    return replace(exchange, decision=replace(made, facts=made.facts | facts))


def test_a_request_is_a_server_span_a_decision_and_its_attempts(failed_over):
    made = [(span.name, span.kind) for span in spans(failed_over)]

    assert made == [
        ("POST /v1/chat/completions", SpanKind.SERVER),
        ("route policy1", SpanKind.INTERNAL),
        ("chat Qwen/Qwen3-32B", SpanKind.CLIENT),
        ("chat Qwen/Qwen3-32B", SpanKind.CLIENT),
    ]


def test_all_spans_are_of_one_trace_and_children_of_the_server_span(failed_over):
    server, *children = spans(failed_over)

    assert f"{server.context.span_id:016x}" == "cd" * 8
    assert {f"{span.context.trace_id:032x}" for span in (server, *children)} == {"ab" * 16}
    assert {span.parent.span_id for span in children} == {server.context.span_id}
    assert not any(span.parent.is_remote for span in children)
    assert f"{children[1].context.span_id:016x}" == "ef" * 8


def test_the_same_records_give_the_same_ids(served):
    assert [span.context for span in spans(served)] == [span.context for span in spans(served)]


def test_a_root_has_no_parent_and_a_caller_s_trace_is_joined(served):
    joined = replace(served, decision=replace(served.decision, trace=TraceRef("ab" * 16, "cd" * 8, "12" * 8)))

    assert spans(served)[0].parent is None
    assert f"{spans(joined)[0].parent.span_id:016x}" == "12" * 8
    assert spans(joined)[0].parent.is_remote


def test_times_are_those_of_the_records(served):
    server, decided, sent = spans(served)

    assert (server.start_time, server.end_time) == (NOON, served.finished.at)
    assert (decided.start_time, decided.end_time) == (NOON, served.decision.decided_at)
    assert sent.end_time - sent.start_time == served.attempts[0][1].duration


def test_no_span_ends_before_it_starts(served):
    back = replace(served, finished=replace(served.finished, at=NOON - 5))

    assert all(span.end_time >= span.start_time for span in spans(back))


def test_the_server_span_says_who_asked_and_how_it_ended(served):
    attributes = spans(served)[0].attributes

    assert attributes == {
        names.HTTP_METHOD: "POST",
        names.HTTP_ROUTE: "/v1/chat/completions",
        names.URL_PATH: "/v1/chat/completions",
        names.URL_SCHEME: "http",
        names.HTTP_STATUS: 200,
        names.REQUEST_ID: "dec_000001",
        names.TEAM: "support",
        names.STREAM: False,
        names.COST_USD: 777e-9,
    }


def test_messages_stand_at_their_own_path(served):
    server = spans(with_facts(served, dialect="anthropic.messages"))[0]

    assert server.name == "POST /v1/messages"
    assert server.attributes[names.HTTP_ROUTE] == "/v1/messages"


def test_the_decision_span_says_what_was_chosen_and_why(served):
    attributes = spans(with_facts(served, budget_left_nanos=2_500_000_000, task="code"))[1].attributes

    assert attributes[names.POLICY_HASH] == "policy1"
    assert (attributes[names.DECISION_TARGET], attributes[names.DECISION_ZONE]) == ("home", "local")
    assert (attributes[names.DECISION_REASON], attributes[names.RULE]) == ("cost", "prefer")
    assert list(attributes[names.DECISION_CANDIDATES]) == ["home", "vendor"]
    assert list(attributes[names.DECISION_DROPPED]) == ["other: sensitivity by clearance (needs more)"]
    assert (attributes[names.DATA_CLASS], attributes[names.TASK]) == ("public", "code")
    assert attributes[names.BUDGET_LEFT_USD] == 2.5
    assert json.loads(attributes[names.DECISION_FACTS])["team"] == "support"


def test_a_request_that_nothing_may_take_has_a_decision_without_a_target():
    made = decision_made(1)
    nothing = replace(made, decision=made.decision | {"ranked": [], "reason": None})
    end = finished(1, status=403, error="no_permitted_route", target="", zone="", attempts=0)
    server, decided = spans(Exchange(nothing, (), end))

    assert names.DECISION_TARGET not in decided.attributes
    assert names.DECISION_REASON not in decided.attributes
    assert server.attributes[names.HTTP_STATUS] == 403


def test_an_attempt_says_whom_it_asked_and_what_came(served):
    attributes = spans(served)[2].attributes

    assert attributes[names.GENAI_OPERATION] == "chat"
    assert (attributes[names.GENAI_PROVIDER], attributes[names.GENAI_REQUEST_MODEL]) == ("sglang", "Qwen/Qwen3-32B")
    assert (attributes[names.SERVER_ADDRESS], attributes[names.SERVER_PORT]) == ("127.0.0.1", 30000)
    assert (attributes[names.TARGET], attributes[names.ZONE], attributes[names.ATTEMPT]) == ("home", "local", 1)
    assert list(attributes[names.GENAI_FINISH_REASONS]) == ["stop"]
    assert attributes[names.HTTP_STATUS] == 200
    assert attributes[names.OUTCOME] == "ok"
    assert names.ERROR_TYPE not in attributes
    assert names.GENAI_REQUEST_STREAM not in attributes
    assert names.GENAI_TIME_TO_FIRST_CHUNK not in attributes


def test_the_time_to_the_first_chunk_is_reported_for_streams(served):
    attributes = spans(with_facts(served, stream=True, max_tokens=50, session="s1"))[2].attributes

    assert attributes[names.GENAI_TIME_TO_FIRST_CHUNK] == 0.02
    assert attributes[names.GENAI_REQUEST_STREAM] is True
    assert attributes[names.GENAI_REQUEST_MAX_TOKENS] == 50
    assert attributes[names.GENAI_CONVERSATION] == "s1"


@pytest.mark.parametrize(
    ("server", "address", "port"),
    [
        ("api.openai.com:443", "api.openai.com", 443),
        ("[::1]:80", "[::1]", 80),
        ("api.openai.com", "api.openai.com", None),
    ],
)
def test_a_server_is_reported_as_address_and_port(served, server, address, port):
    started, ended = served.attempts[0]
    attributes = spans(replace(served, attempts=((replace(started, server=server), ended),)))[2].attributes

    assert (attributes[names.SERVER_ADDRESS], attributes.get(names.SERVER_PORT)) == (address, port)


def test_usage_stands_on_the_last_attempt_alone_so_that_sums_are_true(failed_over):
    _, _, first, last = spans(failed_over)

    assert not USAGE & set(first.attributes)
    assert last.attributes[names.GENAI_INPUT_TOKENS] == 100
    assert last.attributes[names.GENAI_OUTPUT_TOKENS] == 30
    assert last.attributes[names.GENAI_CACHE_READ] == 40
    assert names.ESTIMATED not in last.attributes


def test_usage_that_is_reckoned_says_so():
    usage = Usage(5, 0, 3, 7, 2, estimated=True)
    exchange = Exchange(decision_made(1), ((attempt(1), settled(1, usage=usage)),), finished(1))
    attributes = spans(exchange)[2].attributes

    assert attributes[names.ESTIMATED] is True
    assert (attributes[names.GENAI_CACHE_WRITE], attributes[names.GENAI_REASONING]) == (3, 2)


def test_a_later_attempt_says_whom_it_stands_in_for(failed_over):
    _, _, first, last = spans(failed_over)

    assert names.FALLBACK_FROM not in first.attributes
    assert last.attributes[names.FALLBACK_FROM] == "home"


def test_a_failed_attempt_is_an_error_and_the_request_that_recovered_is_none(failed_over):
    server, decided, first, last = spans(failed_over)

    assert first.status.status_code is StatusCode.ERROR
    assert first.attributes[names.ERROR_TYPE] == "upstream_error"
    assert {span.status.status_code for span in (server, decided, last)} == {StatusCode.UNSET}


@pytest.mark.parametrize(
    ("status", "error", "is_error"),
    [
        (502, "upstream_error", True),
        (504, "upstream_timeout", True),
        (403, "no_permitted_route", False),
        (499, "", False),
    ],
)
def test_only_5xx_are_errors_of_the_server(status, error, is_error):
    server = spans(Exchange(decision_made(1), (), finished(1, status=status, error=error)))[0]

    assert (server.status.status_code is StatusCode.ERROR) == is_error
    assert server.attributes.get(names.ERROR_TYPE) == (error if is_error else None)


def test_a_caller_that_hung_up_is_reported_and_is_not_an_error():
    ended = settled(1, outcome="client_closed")
    server, _, sent = spans(Exchange(decision_made(1), ((attempt(1), ended),), finished(1, status=499)))

    assert server.attributes[names.CLIENT_ABORTED] is True
    assert sent.status.status_code is StatusCode.UNSET


def test_nothing_that_is_not_known_is_reported(failed_over):
    for span in spans(failed_over):
        assert not [name for name, value in span.attributes.items() if value is None or value in ("", [], ())]


def test_every_attribute_is_one_of_the_names(failed_over):
    known = {value for value in vars(names).values() if isinstance(value, str)}

    assert {name for span in spans(failed_over) for name in span.attributes} <= known


def test_what_spans_share_is_kept_and_what_they_do_not_is_not(served, failed_over):
    one = Spans()
    first = spans(served, one)
    kept = dict(one._kept)
    again = replace(served, finished=replace(served.finished, cost=5))
    second = spans(again, one)

    assert one._kept == kept
    assert (first[0].attributes[names.COST_USD], second[0].attributes[names.COST_USD]) == (777e-9, 5e-9)
    assert spans(failed_over, one) == spans(failed_over)


def test_what_is_kept_is_bounded(served, monkeypatch):
    monkeypatch.setattr("gateway.telemetry.spans._MOST_KEPT", 30)
    one = Spans()
    for number in range(50):
        agent = replace(served, finished=replace(served.finished, user_agent=f"agent/{number}"))
        assert spans(agent, one) == spans(agent)
        assert len(one._kept) <= 30
