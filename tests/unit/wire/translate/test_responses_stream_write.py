"""Streams of Responses as they are written: numbered, each item in pieces and whole, and all in the last event."""

import orjson
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from gateway.domain.usage import Usage
from gateway.wire.translate.events import Began, Closed, Counted, Ended, Opened, Over, Piece, Signed
from gateway.wire.translate.hub import Finish
from gateway.wire.translate.responses_stream_write import ResponsesWriter

OFFICIAL = TypeAdapter(ResponseStreamEvent)


def write(*events, **asked):
    writer = ResponsesWriter(asked, created=7)
    out = []
    for event in (Began("x", "m"), *events):
        for raw in writer.write(event):
            name, data = raw.split(b"\n")[:2]
            tree = orjson.loads(data.removeprefix(b"data: "))
            assert name == b"event: " + tree["type"].encode()
            OFFICIAL.validate_python(tree)
            out.append(tree)
    assert [one["sequence_number"] for one in out] == list(range(len(out)))
    return out


def kinds(out):
    return [one["type"].removeprefix("response.") for one in out]


def test_a_text_is_begun_told_in_pieces_and_told_whole():
    out = write(
        Opened(0, "text"),
        Piece(0, "Hel"),
        Piece(0, "lo"),
        Closed(0),
        Counted(Usage(5, output_tokens=7)),
        Ended(Finish.STOP),
        Over(),
    )
    assert kinds(out) == [
        *(
            "created",
            "in_progress",
            "output_item.added",
            "content_part.added",
            "output_text.delta",
            "output_text.delta",
        ),
        *("output_text.done", "content_part.done", "output_item.done", "completed"),
    ]
    last = out[-1]["response"]
    assert last["output"] == [out[-2]["item"]]
    assert (last["output"][0]["content"][0]["text"], last["usage"]["total_tokens"]) == ("Hello", 12)
    assert (last["status"], last["created_at"], last["id"]) == ("completed", 7, "resp_x")


def test_calls_side_by_side_are_items_of_their_own():
    out = write(
        Opened(0, "call", "a", "f"),
        Opened(1, "call", "b", "g"),
        Piece(1, "{}"),
        Piece(0, '{"x":'),
        Piece(0, "1}"),
        Closed(0),
        Closed(1),
        Ended(Finish.CALLS),
        Over(),
    )
    items = out[-1]["response"]["output"]
    assert [(item["call_id"], item["name"], item["arguments"]) for item in items] == [
        ("a", "f", '{"x":1}'),
        ("b", "g", "{}"),
    ]


def test_a_call_without_arguments_has_an_empty_object_and_a_free_one_its_text():
    out = write(
        Opened(0, "call", "a", "f"),
        Closed(0),
        Opened(1, "call", "b", "patch", free=True, namespace="fs"),
        Piece(1, '{"input":"say'),
        Piece(1, '\\n"}'),
        Closed(1),
        Ended(Finish.CALLS),
        Over(),
    )
    plain, free = out[-1]["response"]["output"]
    assert plain["arguments"] == "{}"
    assert (free["type"], free["input"], free["namespace"]) == ("custom_tool_call", "say\n", "fs")
    assert [one["delta"] for one in out if one["type"] == "response.custom_tool_call_input.delta"] == ["say\n"]


def test_thinking_is_a_summary_with_its_seal_and_what_is_sealed_an_item():
    out = write(
        *(Opened(0, "thinking"), Piece(0, "hmm"), Signed(0, "SIGN"), Closed(0)),
        *(Opened(1, "sealed", data="RED"), Closed(1), Ended(Finish.STOP), Over()),
    )
    thought, sealed = out[-1]["response"]["output"]
    assert thought["summary"] == [{"type": "summary_text", "text": "hmm"}]
    assert thought["encrypted_content"]
    assert sealed["summary"] == []
    assert sealed["encrypted_content"] != thought["encrypted_content"]


def test_how_it_ended_and_what_of_the_request_is_repeated():
    asked = {"temperature": 0.5, "instructions": "long"}
    assert write(Ended(Finish.LENGTH), Over(), **asked)[-1]["type"] == "response.incomplete"
    refused = write(Opened(0, "refusal"), Piece(0, "no"), Closed(0), Ended(Finish.REFUSED), Over(), **asked)
    assert refused[-1]["type"] == "response.completed"
    assert (refused[-1]["response"]["temperature"], refused[-1]["response"]["instructions"]) == (0.5, None)


def test_what_nobody_closed_is_closed_by_the_end_and_stray_pieces_are_left_out():
    out = write(Piece(9, "x"), Closed(9), Opened(0, "text"), Piece(0, "a"), Over())
    assert out[-1]["response"]["output"][0]["content"][0]["text"] == "a"
