"""A call between two dialects as a whole: names of tools come back as they were asked for."""

import orjson
import pytest
from support.dialect_cases import CH, MS, caller, target

from gateway.wire.translate.translation import EventUnreadable, StreamTranslation, answer, translated

LONG = "mcp__company-internal-knowledge-base__search_documents_by_owner_and_department"
TOOL = {"name": LONG, "input_schema": {"type": "object"}}


def test_a_name_that_does_not_fit_is_sent_shorter_and_comes_back_as_it_was():
    made = translated({"model": "m", "max_tokens": 5, "messages": [], "tools": [TOOL]}, MS, CH, target())
    ((sent, asked),) = made.tools.items()
    assert asked.name == LONG
    assert made.tree["tools"][0]["function"]["name"] == sent
    call = {"id": "c", "type": "function", "function": {"name": sent, "arguments": "{}"}}
    said = {"choices": [{"message": {"tool_calls": [call]}, "finish_reason": "tool_calls"}]}
    tree, _ = answer(said, CH, caller(MS, tools=made.tools))
    assert tree["content"][0]["name"] == LONG

    stream = StreamTranslation(CH, caller(MS, tools=made.tools))
    chunk = {"id": "x", "model": "m", "choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, **call}]}}]}
    assert LONG.encode() in b"".join(stream.feed(b"data: " + orjson.dumps(chunk) + b"\n\n"))


@pytest.mark.parametrize(
    ("vendor", "name"), [("api.openai.com", "max_completion_tokens"), ("api.deepseek.com", "max_tokens")]
)
def test_only_openai_itself_gets_the_newer_name_of_the_limit(vendor, name):
    made = translated({"max_tokens": 5, "messages": []}, MS, CH, target(vendor=vendor))
    assert made.tree[name] == 5


def test_an_event_that_is_not_json_is_unreadable_and_a_finished_stream_can_be_ended():
    stream = StreamTranslation(MS, caller(CH))
    with pytest.raises(EventUnreadable):
        stream.feed(b"data: {\n\n")
    assert stream.end()[-1] == b"data: [DONE]\n\n"
