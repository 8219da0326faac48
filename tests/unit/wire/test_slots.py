"""Where the events of both dialects carry text."""

import json

import pytest

from gateway.wire.slots import rest_event, slots
from gateway.wire.sse import data_of


def openai(**delta):
    return {"id": "c1", "model": "m", "choices": [{"index": 1, "delta": delta, "finish_reason": None}]}


def anthropic(**delta):
    return {"type": "content_block_delta", "index": 2, "delta": delta}


CALL = [{"index": 3, "function": {"arguments": '{"a"'}}]


@pytest.mark.parametrize(
    ("event", "channel", "text", "inside_json"),
    [
        (openai(content="Hi"), (1, "content"), "Hi", False),
        (openai(refusal="No"), (1, "refusal"), "No", False),
        (openai(reasoning_content="Hm"), (1, "reasoning_content"), "Hm", False),
        (openai(tool_calls=CALL), (1, "tool", 3), '{"a"', True),
        (openai(function_call={"arguments": "{"}), (1, "function"), "{", True),
        (anthropic(type="text_delta", text="Hi"), (2, "text"), "Hi", False),
        (anthropic(type="thinking_delta", thinking="Hm"), (2, "thinking"), "Hm", False),
        (anthropic(type="input_json_delta", partial_json="{"), (2, "partial_json"), "{", True),
    ],
)
def test_a_piece_of_text_and_an_event_with_one_more(event, channel, text, inside_json):
    (slot,) = slots(event)
    assert (slot.channel, slot.text, slot.inside_json) == (channel, text, inside_json)
    (again,) = slots(json.loads(data_of(rest_event(channel, "more", event))))
    assert (again.channel, again.text, again.inside_json) == (channel, "more", inside_json)


@pytest.mark.parametrize(
    "event", [None, [], {}, {"choices": "x"}, openai(content=None), anthropic(type="signature_delta")]
)
def test_other_events_have_none(event):
    assert list(slots(event)) == []


def test_the_stream_as_a_whole_is_repeated_but_not_its_usage():
    event = json.loads(data_of(rest_event((1, "content"), "x", openai(content="Hi") | {"usage": {"n": 1}})))
    assert (event["id"], event["model"], "usage" in event) == ("c1", "m", False)
