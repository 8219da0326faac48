"""Streams of Messages: one block is open at a time, and what is not understood is left out or refused."""

import orjson
import pytest

from gateway.domain.usage import Usage
from gateway.wire.translate.events import Began, Closed, Counted, Ended, Opened, Over, Piece, Signed
from gateway.wire.translate.hub import Finish
from gateway.wire.translate.messages_stream import MessagesEvents, MessagesWriter

START = {
    "type": "message_start",
    "message": {"id": "x", "model": "m", "usage": {"input_tokens": 5, "output_tokens": 1}},
}


def read(*events):
    reader = MessagesEvents()
    return [found for event in (START, *events) for found in reader.feed(orjson.dumps(event))][2:]


def block(index, **fields):
    return {"type": "content_block_start", "index": index, "content_block": fields}


def delta(index, **fields):
    return {"type": "content_block_delta", "index": index, "delta": fields}


def end(reason="end_turn", **usage):
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 7, **usage}}


def test_a_block_is_a_part_and_one_that_nobody_stopped_is_closed_by_the_end():
    assert read(
        block(0, type="tool_use", id="t", name="f", input={}),
        delta(0, type="input_json_delta", partial_json="{"),
        end("tool_use"),
    ) == [
        Opened(0, "call", "t", "f"),
        Piece(0, "{"),
        Counted(Usage(input_tokens=5, output_tokens=7)),
        Closed(0),
        Ended(Finish.CALLS),
    ]


def test_blocks_of_the_vendors_own_tools_and_unknown_events_are_left_out():
    assert (
        read(block(0, type="server_tool_use"), delta(0, type="text_delta", text="x"), {"type": "new"}, {"type": "ping"})
        == []
    )


def test_what_a_block_begins_with_is_its_first_piece():
    assert read(block(0, type="text", text="a"))[-1] == Piece(0, "a")
    assert read(block(0, type="tool_use", id="t", name="f", input={"x": 1}))[-1] == Piece(0, '{"x":1}')


def test_a_second_answer_in_the_middle_of_the_first_is_refused():
    with pytest.raises(ValueError, match="second"):
        read(block(0, type="text", text=""), START)


def written(*events, about=9):
    writer = MessagesWriter(about=about)
    return [orjson.loads(raw.partition(b"data: ")[2]) for event in events for raw in writer.write(event)]


def test_parts_that_are_open_side_by_side_are_written_one_after_the_other():
    events = [
        Began("x", "m"),
        Opened(0, "call", "a", "f"),
        Opened(1, "call", "b", "g"),
        Piece(1, "2"),
        Piece(0, "1"),
        Closed(0),
        Closed(1),
        Ended(Finish.CALLS),
        Over(),
    ]
    made = written(*events)
    assert [(one["type"], one.get("index")) for one in made[1:7]] == [
        ("content_block_start", 0),
        ("content_block_delta", 0),
        ("content_block_stop", 0),
        ("content_block_start", 1),
        ("content_block_delta", 1),
        ("content_block_stop", 1),
    ]
    assert [one["delta"]["partial_json"] for one in made if one["type"] == "content_block_delta"] == ["1", "2"]
    assert made[-2]["delta"]["stop_reason"] == "tool_use"


def test_it_begins_with_about_how_many_tokens_there_are_and_ends_with_how_many_there_were():
    made = written(
        Began("x", "m"), Counted(Usage(input_tokens=20, output_tokens=3)), Ended(Finish.SEQUENCE, "X"), Over()
    )
    assert made[0]["message"]["usage"]["input_tokens"] == 9
    assert made[1]["usage"] | {} == {
        "input_tokens": 20,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": 3,
    }
    assert made[1]["delta"] == {"stop_reason": "stop_sequence", "stop_sequence": "X"}


def test_thinking_keeps_its_signature_and_what_is_sealed_its_data():
    made = written(
        Began("x", "m"),
        Opened(0, "thinking"),
        Piece(0, "a"),
        Signed(0, "S"),
        Closed(0),
        Opened(1, "sealed", data="R"),
        Closed(1),
    )
    assert [one["delta"] for one in made if one["type"] == "content_block_delta"] == [
        {"type": "thinking_delta", "thinking": "a"},
        {"type": "signature_delta", "signature": "S"},
    ]
    assert made[-2]["content_block"] == {"type": "redacted_thinking", "data": "R"}


def test_a_stream_without_its_first_event_begins_all_the_same():
    reader = MessagesEvents()
    assert reader.feed(b'{"type":"ping"}') == []
    assert reader.feed(orjson.dumps(block(0, type="text", text=""))) == [Began("", ""), Opened(0, "text")]
    assert reader.feed(orjson.dumps(delta(0, type="text_delta", text="a"))) == [Piece(0, "a")]


def test_thousands_of_parts_may_wait_for_one_that_is_open():
    waiting = [event for key in range(1, 3000) for event in (Opened(key, "text"), Piece(key, "a"), Closed(key))]
    made = written(Began("x", "m"), Opened(0, "call", "t", "f"), *waiting, Closed(0), Ended(Finish.CALLS), Over())
    assert [one["type"] for one in made].count("content_block_stop") == 3000
    assert [one["index"] for one in made if one["type"] == "content_block_start"] == list(range(3000))


def test_a_block_that_nobody_began_is_begun_by_its_text_and_not_by_arguments_without_a_name():
    stray = delta(1, type="input_json_delta", partial_json="{}")
    assert read(delta(0, type="text_delta", text="a"), stray) == [Opened(0, "text"), Piece(0, "a")]
    assert read(block(0, type="text"), end(), delta(0, type="text_delta", text="late"))[-1] == Ended(Finish.STOP)
