"""Complete answers of Responses: read and written again they say the same, and they are what the official types say."""

import pytest
from openai.types.responses import Response

from gateway.domain.usage import Usage
from gateway.wire.translate.hub import Call, Finish, Given, Losses, Refusal, Sealed, Text, Thought
from gateway.wire.translate.responses_answer import read_responses_answer, usage_for_responses, write_responses_answer

USAGE = Usage(input_tokens=10, cached_input_tokens=4, cache_write_tokens=2, output_tokens=7, reasoning_tokens=3)
PARTS = (
    Thought("hmm", "SIGN=="),
    Sealed("RED=="),
    Text("Hello"),
    Call("c1", "f", '{"x":1}'),
    Call("c2", "patch", '{"input":"a\\nb"}', free=True),
)


def test_an_answer_that_is_written_is_read_again_as_it_was():
    given = Given("chatcmpl-1", "m", PARTS, Finish.CALLS, None, USAGE)
    tree = write_responses_answer(given, {"temperature": 0.5, "tools": [{}]}, created=7)

    Response.model_validate(tree, strict=True)
    again = read_responses_answer(tree, Losses())
    assert (again.parts, again.finish, again.usage) == (PARTS, Finish.CALLS, USAGE)
    assert (tree["id"], tree["temperature"], tree["tools"], tree["created_at"]) == ("resp_chatcmpl-1", 0.5, [], 7)
    assert len({item["id"] for item in tree["output"]}) == len(PARTS)


@pytest.mark.parametrize(
    ("finish", "parts", "status", "reason"),
    [
        (Finish.STOP, (Text("a"),), "completed", None),
        (Finish.SEQUENCE, (Text("a"),), "completed", None),
        (Finish.LENGTH, (Text("a"),), "incomplete", "max_output_tokens"),
        (Finish.REFUSED, (Text("a"),), "incomplete", "content_filter"),
        (Finish.REFUSED, (Refusal("no"),), "completed", None),
    ],
)
def test_how_an_answer_ended(finish, parts, status, reason):
    tree = write_responses_answer(Given("x", "m", parts, finish), {}, created=7)
    assert (tree["status"], (tree["incomplete_details"] or {}).get("reason")) == (status, reason)
    assert read_responses_answer(tree, Losses()).finish in (finish, Finish.STOP)


def test_what_a_caller_of_another_dialect_does_not_get_is_told():
    losses = Losses()
    said = {
        "type": "message",
        "phase": "commentary",
        "content": [{"type": "output_text", "text": "a", "annotations": [{}]}],
    }
    given = read_responses_answer(
        {"output": [{"type": "web_search_call"}, said, {"type": "reasoning", "summary": []}]}, losses
    )

    assert given.parts == (Text("a"),)
    assert [loss.path for loss in losses.found] == ["output[0]", "output[1].phase", "output[1].content[0].annotations"]


def test_usage_counts_what_is_cached_once():
    told = usage_for_responses(USAGE)
    assert (told["input_tokens"], told["total_tokens"]) == (10, 17)
    assert told["input_tokens_details"] == {"cached_tokens": 4, "cache_write_tokens": 2}
    assert usage_for_responses(None)["total_tokens"] == 0
