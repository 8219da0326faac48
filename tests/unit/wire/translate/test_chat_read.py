"""A chat request in the form between dialects: what it holds, and what is refused with its place."""

import pytest

from gateway.wire.translate.chat_read import read_chat
from gateway.wire.translate.hub import Call, Losses, Media, Refusal, Result, Text, Thought, Turn, Unsupported

PNG = "data:image/png;base64,iVBORw0KGgo="


def read(*messages, **body):
    return read_chat({"model": "m", "messages": list(messages), **body}, Losses())


def test_turns_keep_their_order_and_a_tools_result_is_the_users():
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
    asked = read(
        {"role": "system", "content": "S"},
        {"role": "user", "content": [{"type": "text", "text": "q"}, {"type": "image_url", "image_url": {"url": PNG}}]},
        {"role": "assistant", "content": None, "reasoning_content": "hmm", "refusal": "no", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "r"},
        {"role": "developer", "content": "later"},
    )
    picture = Media("image", "messages[1].content[1].image_url.url", "image/png", "iVBORw0KGgo=")

    assert asked.turns == (
        Turn("system", (Text("S"),)),
        Turn("user", (Text("q"), picture)),
        Turn("assistant", (Thought("hmm"), Refusal("no"), Call("c", "f", '{"x": 1}'))),
        Turn("user", (Result("c", (Text("r"),)),)),
        Turn("system", (Text("later"),)),
    )


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"n": 2}, "n"),
        ({"functions": [{}]}, "functions"),
        ({"response_format": {"type": "grammar"}}, "response_format"),
        ({"tool_choice": {"type": "allowed_tools"}}, "tool_choice"),
        ({"reasoning_effort": "huge"}, "reasoning_effort"),
        ({"safety_identifier": {"a": "b"}}, "safety_identifier"),
        ({"tools": [{"type": "robot"}]}, "tools[0]"),
        ({"messages": [{"role": "robot"}]}, "messages[0].role"),
        (
            {"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}]},
            "messages[0].content[0]",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "ftp://x"}]}]},
            "messages[0].content[0]",
        ),
        ({"messages": [{"role": "assistant", "tool_calls": [{"id": "c", "custom": {}}]}]}, "messages[0].tool_calls[0]"),
    ],
)
def test_what_no_other_dialect_has_is_refused_with_its_place(body, place):
    with pytest.raises(Unsupported) as caught:
        read(**body)
    assert caught.value.path.startswith(place)


def test_effort_none_is_no_thinking_and_limits_are_read_from_either_name():
    assert read(reasoning_effort="none").thinking.is_off
    assert read(max_tokens=5).max_tokens == read(max_completion_tokens=5).max_tokens == 5
    assert read(stop="X").stop == ("X",)


def test_a_limit_of_zero_is_none():
    assert read({"role": "user", "content": "x"}, max_completion_tokens=0, max_tokens=7).max_tokens == 7


def test_arguments_that_a_client_sends_as_an_object_are_json_text():
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": {"a": True}}}
    (turn,) = read({"role": "assistant", "tool_calls": [call]}).turns
    assert turn.parts == (Call("c", "f", '{"a":true}'),)
