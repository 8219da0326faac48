"""Streams of chat: what engines do differently is read as one thing, and what is written is what clients take."""

import orjson
import pytest

from gateway.domain.usage import Usage
from gateway.wire.translate.chat_stream import DONE, ChatEvents, ChatWriter
from gateway.wire.translate.events import Began, Closed, Counted, Ended, Opened, Over, Piece, Signed
from gateway.wire.translate.hub import Finish


def chunk(delta, finish=None, **more):
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return orjson.dumps({"id": "x", "model": "m", "choices": [choice], **more})


def call(index, name=None, arguments=None, call_id=None):
    function = {"name": name, "arguments": arguments}
    return {
        "tool_calls": [
            {"index": index, "id": call_id, "function": {k: v for k, v in function.items() if v is not None}}
        ]
    }


def read(*chunks):
    reader = ChatEvents()
    return [event for one in chunks for event in reader.feed(one)][1:]


def test_texts_of_different_kinds_are_parts_of_their_own():
    assert read(chunk({"reasoning": "h"}), chunk({"content": "a"}), chunk({"content": "b"}), chunk({}, "stop")) == [
        Opened(0, "thinking"),
        Piece(0, "h"),
        Closed(0),
        Opened(1, "text"),
        Piece(1, "a"),
        Piece(1, "b"),
        Closed(1),
        Ended(Finish.STOP),
    ]


@pytest.mark.parametrize(
    "second",
    [call(1, "g", "{}", "d"), call(0, "g", "{}", "d")],
    ids=["with the next index", "with the same index and another id"],
)
def test_a_second_call_is_a_second_call(second):
    opened = [
        event
        for event in read(chunk(call(0, "f", "{}", "c")), chunk(second), chunk({}, "stop"))
        if isinstance(event, Opened)
    ]
    assert [(one.id, one.name) for one in opened] == [("c", "f"), ("d", "g")]


def test_arguments_before_the_name_wait_for_it_and_an_id_that_is_repeated_is_no_new_call():
    events = read(
        chunk(call(0, None, "{", "c")),
        chunk(call(0, "f", "}", "c")),
        chunk(call(0, None, " ", "c")),
        chunk({}, "tool_calls"),
    )
    assert events == [Opened(0, "call", "c", "f"), Piece(0, "{}"), Piece(0, " "), Closed(0), Ended(Finish.CALLS)]


def test_a_call_without_a_name_is_still_told():
    assert read(chunk(call(0, None, "{}", "c")), chunk({}, "stop"))[:2] == [Opened(0, "call", "c"), Piece(0, "{}")]


def test_other_choices_odd_chunks_and_what_follows_the_finish_are_left_out():
    other = orjson.dumps({"choices": [{"index": 1, "delta": {"content": "x"}}]})
    assert read(chunk({}), other, b"7", chunk({}, "stop"), chunk({"content": "late"}))[-1] == Ended(Finish.STOP)


def test_usage_is_counted_wherever_it_comes():
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    assert Counted(Usage(input_tokens=1, output_tokens=2)) in read(chunk({}), chunk({"content": "a"}, usage=usage))


def written(*events, usage_asked=False):
    writer = ChatWriter(created=7, usage_asked=usage_asked)
    raw = [one for event in events for one in writer.write(event)]
    assert raw[-1] == DONE
    return [orjson.loads(one[6:]) for one in raw[:-1]]


def test_a_call_without_arguments_has_an_empty_object():
    chunks = written(Began("x", "m"), Opened(3, "call", "c", "f"), Closed(3), Ended(Finish.CALLS), Over())
    calls = [one["choices"][0]["delta"]["tool_calls"][0] for one in chunks[1:3]]
    assert [(one["index"], one["function"]["arguments"]) for one in calls] == [(0, ""), (0, "{}")]


def test_usage_comes_last_and_only_if_it_was_asked_for():
    events = [Began("x", "m"), Counted(Usage(output_tokens=5)), Ended(Finish.STOP), Over()]
    assert written(*events, usage_asked=True)[-1]["usage"]["completion_tokens"] == 5
    assert all("usage" not in one for one in written(*events))


def test_signed_thinking_comes_whole_beside_its_pieces():
    events = [
        Began("x", "m"),
        Opened(0, "thinking"),
        Piece(0, "a"),
        Piece(0, "b"),
        Signed(0, "S"),
        Closed(0),
        Ended(Finish.STOP),
        Over(),
    ]
    deltas = [one["choices"][0]["delta"] for one in written(*events)]
    assert [one.get("reasoning_content") for one in deltas[1:3]] == ["a", "b"]
    assert deltas[3]["reasoning_details"][0] | {"format": ""} == {
        "type": "reasoning.text",
        "text": "ab",
        "signature": "S",
        "format": "",
        "index": 0,
    }


def test_content_in_parts_is_its_text():
    events = read(chunk({"content": [{"type": "text", "text": "a"}, {"type": "reference", "reference_ids": [1]}]}))
    assert events[-1] == Piece(0, "a")


def test_arguments_that_are_an_object_already_are_written_as_json():
    assert read(chunk(call(0, "f", {"a": 1}, "c")))[-1] == Piece(0, '{"a":1}')


def test_an_answer_begins_with_the_first_chunk_that_is_of_it():
    reader = ChatEvents()
    assert reader.feed(b'{"id":"","model":"","choices":[],"prompt_filter_results":[]}') == []
    assert reader.feed(chunk({"content": "a"}))[0] == Began("x", "m")
