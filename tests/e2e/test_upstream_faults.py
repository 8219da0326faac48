"""Upstreams that are down, hang, cut, lie: the caller gets one clean answer, every attempt is booked."""

import httpx
import pytest
from support.stack import IMPATIENT, stack


def faults(sandbox, **given):
    httpx.post(sandbox.url + "/sandbox/faults", json=given).raise_for_status()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with stack(tmp_path_factory.mktemp("gateway")) as made:
        made.settings["timeouts"] = IMPATIENT
        yield made.start()


@pytest.fixture
def gateway(gateway):
    yield gateway
    for sandbox in (gateway.sglang, gateway.openai, gateway.anthropic):
        faults(sandbox)
    # Breakers open after failures in a row; a success closes them again.
    for model, target in (("auto", "qwen3-32b"), ("gpt-5", "gpt-5"), ("claude-x", "claude-sonnet")):
        gateway.wait_for(lambda model=model, target=target: served_by(gateway, model) == target, target)


def served_by(gateway, model):
    return gateway.chat(model=model, team="engineering").headers.get("x-gateway-target")


BEFORE_CONTENT = [
    {"status": 500},
    {"status": 503},
    {"status": 429},
    {"status": 401},
    {"garbage": True},
    {"wrong_content_type": True},
    {"cut": 0},
    {"hang": True},
    {"error_first_event": True},
]


@pytest.mark.parametrize("fault", BEFORE_CONTENT, ids=lambda fault: next(iter(fault)) + str(next(iter(fault.values()))))
@pytest.mark.parametrize("stream", [False, True])
def test_a_failure_before_content_fails_over_within_what_is_permitted(gateway, fault, stream):
    if fault == {"hang": True} and not stream:
        pytest.skip("without a stream nobody can tell a hanging upstream from a slow one before the total time is over")
    faults(gateway.openai, **fault)

    answer = gateway.chat(model="gpt-5", team="engineering", stream=stream)

    assert answer.status_code == 200
    assert answer.headers["x-gateway-target"] == "qwen3-32b"
    assert answer.headers["x-gateway-reason"] == "failover"
    attempts = gateway.decision(answer.headers["x-gateway-decision-id"])["attempt_list"]
    assert [attempt["target"] for attempt in attempts] == ["gpt-5", "qwen3-32b"]
    assert attempts[0]["outcome"] != "ok" == attempts[1]["outcome"]


@pytest.mark.parametrize("fault", [{"status": 500}, {"garbage": True}, {"hang": True}, {"error_first_event": True}])
def test_restricted_text_is_not_sent_elsewhere_when_home_fails(gateway, fault):
    faults(gateway.sglang, **fault)

    answer = gateway.chat("4539 1488 0343 6467", model="gpt-5", team="support")

    assert answer.status_code in {502, 503, 504}
    assert not gateway.openai.requests("/v1/chat/completions")
    assert not gateway.anthropic.requests("/v1/messages")
    attempts = gateway.decision(answer.headers["x-gateway-decision-id"])["attempt_list"]
    assert {attempt["target"] for attempt in attempts} == {"qwen3-32b"}


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"status": 500}, 502, "upstream_error"),
        ({"garbage": True}, 502, "upstream_error"),
        ({"wrong_content_type": True}, 502, "upstream_error"),
        ({"status": 429}, 503, "no_healthy_target"),
        ({"hang": True}, 504, "upstream_timeout"),
        ({"status": 400}, 400, "invalid_request"),
        ({"status": 401}, 502, "upstream_error"),
    ],
)
@pytest.mark.parametrize("dialect", ["chat", "messages"])
def test_when_nothing_is_left_the_last_cause_is_reported(gateway, fault, status, code, dialect):
    faults(gateway.sglang, **fault)

    answer = getattr(gateway, dialect)("Hi", team="legal", stream=True)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["decision_id"] == answer.headers["x-gateway-decision-id"]
    if status == 503:
        assert int(answer.headers["retry-after"]) >= 1


def test_a_wrong_request_does_not_shop_around(gateway):
    faults(gateway.openai, status=400)

    answer = gateway.chat(model="gpt-5", team="engineering")

    assert answer.status_code == 400
    assert not gateway.sglang.requests("/v1/chat/completions")


def test_a_stream_that_forgets_its_terminal_frame_after_its_finish_is_whole(gateway):
    faults(gateway.sglang, no_done=True)

    answer = gateway.chat(stream=True, team="legal")

    assert b"[DONE]" not in answer.content
    assert b'"error"' not in answer.content
    assert gateway.decision(answer.headers["x-gateway-decision-id"])["attempt_list"][0]["outcome"] == "ok"


@pytest.mark.parametrize("fault", ["crlf", "tiny_writes"])
def test_framing_and_chunking_change_nothing(gateway, fault):
    faults(gateway.openai, **{fault: True})

    answer = gateway.chat(model="gpt-5", team="engineering", stream=True)

    assert answer.status_code == 200
    assert b"[DONE]" in answer.content
    assert gateway.decision(answer.headers["x-gateway-decision-id"])["usage"]["output_tokens"] == 32


def test_a_vendor_that_sends_no_usage_is_counted_and_marked(gateway):
    faults(gateway.openai, no_usage=True)

    answer = gateway.chat(model="gpt-5", team="engineering", stream=True)

    usage = gateway.decision(answer.headers["x-gateway-decision-id"])["usage"]
    assert usage["estimated"]
    assert usage["output_tokens"] >= 30


def test_refused_credentials_raise_an_alarm(gateway):
    faults(gateway.openai, status=403)
    gateway.chat(model="gpt-5", team="engineering")

    assert 'gateway_upstream_credential_failures_total{target="gpt-5"}' in httpx.get(gateway.admin + "/metrics").text


def test_an_upstream_that_is_away_is_known_and_skipped(tmp_path):
    with stack(tmp_path) as made:
        made.document["targets"][0]["endpoints"] = ["http://127.0.0.1:9"]
        made.start()
        made.wait_for(lambda: made.chat(team="legal").json()["error"]["code"] == "no_healthy_target", "the probe")
        answer = made.chat(team="legal")
        spill = made.chat(team="engineering")

    assert answer.status_code == 503
    assert "qwen3-32b: down" in answer.json()["error"]["message"]
    assert (spill.status_code, spill.headers["x-gateway-reason"]) == (200, "failover")
