"""The official Anthropic SDK in front of every kind of target; what the vendor does not speak is translated."""

import anthropic
import pytest

MODELS = [("auto", "qwen3-32b"), ("claude-sonnet-latest", "claude-sonnet"), ("gpt-5", "gpt-5")]
HELLO = [{"role": "user", "content": "Hello there"}]


@pytest.fixture
def client(gateway):
    return anthropic.Anthropic(base_url=gateway.url, api_key=gateway.keys["engineering"], max_retries=0)


@pytest.mark.parametrize(("model", "target"), MODELS)
def test_a_message_is_answered_by_each_kind_of_target(client, model, target):
    answer = client.messages.with_raw_response.create(model=model, max_tokens=24, messages=HELLO)

    assert answer.headers["x-gateway-target"] == target
    message = answer.parse()
    assert message.content[0].text
    assert message.usage.output_tokens > 0


@pytest.mark.parametrize(("model", "target"), MODELS)
def test_a_streamed_message_starts_once_and_ends_once(client, model, target):
    with client.messages.stream(model=model, max_tokens=24, messages=HELLO) as stream:
        kinds = [event.type for event in stream]
        message = stream.get_final_message()

    assert kinds.count("message_start") == 1
    assert kinds[-1] == "message_stop"
    assert message.usage.output_tokens > 0
    assert message.content[0].text


TOOL = {
    "name": "look_up",
    "input_schema": {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]},
}


@pytest.mark.parametrize(("model", "target"), MODELS)
@pytest.mark.parametrize("streamed", [False, True])
def test_a_tool_is_called_and_its_result_goes_back_to_each_kind_of_target(client, model, target, streamed):
    first = {"model": model, "max_tokens": 64, "tools": [TOOL], "tool_choice": {"type": "any"}, "messages": HELLO}
    if streamed:
        with client.messages.stream(**first) as stream:
            answer = stream.get_final_message()
    else:
        answer = client.messages.create(**first)
    (call,) = [block for block in answer.content if block.type == "tool_use"]
    assert (call.name, answer.stop_reason, isinstance(call.input.get("q"), str)) == ("look_up", "tool_use", True)

    result = {"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": "it rains"}]}
    turns = [*HELLO, {"role": "assistant", "content": answer.content}, {"role": "user", "content": [result]}]
    again = client.messages.with_raw_response.create(model=model, max_tokens=24, tools=[TOOL], messages=turns)
    assert again.headers["x-gateway-target"] == target
    assert again.parse().content[0].text


def test_what_a_target_of_another_dialect_does_not_get_is_said(client):
    answer = client.messages.with_raw_response.create(
        model="gpt-5", max_tokens=8, messages=HELLO, extra_body={"top_k": 5, "a_field_of_tomorrow": 1}
    )
    assert answer.headers["x-gateway-dropped"] == "top_k, a_field_of_tomorrow"


def test_what_it_cannot_be_told_goes_to_a_permitted_target_that_speaks_the_dialect(client):
    own = [{"type": "bash_20250124", "name": "bash"}]
    answer = client.messages.with_raw_response.create(model="gpt-5", max_tokens=8, messages=HELLO, tools=own)
    names = ("target", "reason", "rule")
    assert [answer.headers[f"x-gateway-{name}"] for name in names] == ["qwen3-32b", "capability", "dialect"]


def test_errors_come_in_anthropics_envelope(gateway):
    answer = gateway.messages(model="no-such-model")

    assert answer.status_code == 404
    assert answer.json()["type"] == "error"
    assert answer.json()["error"]["type"] == "not_found_error"
    assert answer.json()["error"]["code"] == "model_not_found"


def test_cached_tokens_of_a_local_message_are_booked_inside_of_the_input(gateway):
    system = "You are the keeper of a long and shared prompt. " * 40
    for _ in range(2):
        answer = gateway.messages("Hi", team="engineering", system=system)

    usage = answer.json()["usage"]
    booked = gateway.decision(answer.headers["x-gateway-decision-id"])["usage"]
    assert usage["cache_read_input_tokens"] > 0
    assert booked["cached_input_tokens"] == usage["cache_read_input_tokens"]
    assert booked["input_tokens"] == usage["input_tokens"] + usage["cache_read_input_tokens"]
