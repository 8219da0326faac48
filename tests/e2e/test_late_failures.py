"""Failures after content was sent: one error in the stream, nothing twice, everything billed.

The upstreams take their time here: an error in the same packet as the content would be a failure before content.
"""

import httpx
import openai
import pytest
from support.stack import IMPATIENT, stack


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    with stack(tmp_path_factory.mktemp("late"), latency=0.4) as made:
        made.settings["timeouts"] = IMPATIENT
        yield made.start()


def faults(sandbox, **given):
    httpx.post(sandbox.url + "/sandbox/faults", json=given).raise_for_status()


@pytest.fixture(autouse=True)
def no_faults_left(gateway):
    yield
    for sandbox in (gateway.sglang, gateway.openai):
        faults(sandbox)


@pytest.mark.parametrize(
    "fault", [{"cut": 6}, {"error_event_after": 6}, {"hang_after": 6}], ids=["cut", "error event", "hang"]
)
@pytest.mark.parametrize("model", ["auto", "gpt-5"])
def test_a_failure_after_content_ends_the_stream_with_one_error_and_is_billed(gateway, fault, model):
    faults(gateway.sglang if model == "auto" else gateway.openai, **fault)
    client = openai.OpenAI(base_url=gateway.url + "/v1", api_key=gateway.keys["engineering"], max_retries=0)
    messages = [{"role": "user", "content": "Hello"}]

    answer = client.chat.completions.with_raw_response.create(
        model=model, messages=messages, max_tokens=64, stream=True
    )
    seen = []
    with pytest.raises(openai.APIError) as caught:
        seen += [chunk.choices[0].delta.content or "" for chunk in answer.parse()]

    assert caught.value.body["code"] == "upstream_error"
    booked = gateway.decision(answer.headers["x-gateway-decision-id"])
    assert len(booked["attempt_list"]) == 1
    assert booked["attempt_list"][0]["usage"]["estimated"]
    assert float(booked["cost_usd"]) > 0
