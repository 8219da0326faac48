"""Targets that speak no dialect of ours, reached by litellm from OpenAI's chat: tools and streams, for both SDKs."""

import json

import anthropic
import openai
import pytest
from support.stack import stack

HELLO = [{"role": "user", "content": "Hello there"}]
SCHEMA = {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}
KNOWN = {
    "context_window": 8000,
    "max_output_tokens": 1000,
    "price": {"input_per_mtok_usd": 1, "output_per_mtok_usd": 1},
}
FAMILIES = ("anthropic", "openai")


@pytest.fixture(scope="module")
def bridged(tmp_path_factory):
    with stack(tmp_path_factory.mktemp("bridged")) as made:
        targets = made.document["targets"]
        for vendor in FAMILIES:
            target = next(one for one in targets if one["kind"] == vendor)
            by = {"id": f"by-{vendor}", "kind": "litellm", "model": f"{vendor}/{target['model']}"}
            targets.append(target | by | KNOWN)
            made.document["models"].append({"name": f"only-{vendor}", "incumbent": by["id"], "substitution": "never"})
        yield made.start()


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("vendor", FAMILIES)
def test_a_chat_client_calls_a_tool(bridged, vendor, streamed):
    client = openai.OpenAI(base_url=bridged.url + "/v1", api_key=bridged.keys["engineering"], max_retries=0)
    tools = [{"type": "function", "function": {"name": "look_up", "parameters": SCHEMA}}]
    first = {"model": f"only-{vendor}", "messages": HELLO, "tools": tools, "tool_choice": "required", "max_tokens": 64}
    if streamed:
        with client.chat.completions.stream(**first) as stream:
            stream.until_done()
            choice = stream.get_final_completion().choices[0]
    else:
        choice = client.chat.completions.create(**first).choices[0]
    (call,) = choice.message.tool_calls

    assert (call.function.name, choice.finish_reason) == ("look_up", "tool_calls")
    assert isinstance(json.loads(call.function.arguments)["q"], str)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("vendor", FAMILIES)
def test_a_messages_client_calls_a_tool_and_sends_its_result(bridged, vendor, streamed):
    client = anthropic.Anthropic(base_url=bridged.url, api_key=bridged.keys["engineering"], max_retries=0)
    tools = [{"name": "look_up", "input_schema": SCHEMA}]
    first = {
        "model": f"only-{vendor}",
        "max_tokens": 64,
        "tools": tools,
        "tool_choice": {"type": "any"},
        "messages": HELLO,
    }
    if streamed:
        with client.messages.stream(**first) as stream:
            answer = stream.get_final_message()
    else:
        answer = client.messages.create(**first)
    (call,) = [block for block in answer.content if block.type == "tool_use"]
    assert (call.name, answer.stop_reason, isinstance(call.input.get("q"), str)) == ("look_up", "tool_use", True)

    result = {"type": "tool_result", "tool_use_id": call.id, "content": "it rains"}
    turns = [*HELLO, {"role": "assistant", "content": answer.content}, {"role": "user", "content": [result]}]
    again = client.messages.create(model=f"only-{vendor}", max_tokens=24, tools=tools, messages=turns)
    assert again.content[0].text
