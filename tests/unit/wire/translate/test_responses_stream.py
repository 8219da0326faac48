"""Streams of Responses are read whatever a server leaves out: pieces, whole items, or all but the last event."""

import orjson
import pytest

from gateway.domain.usage import Usage
from gateway.wire.translate.events import Began, Closed, Counted, Ended, Opened, Over, Piece, Signed
from gateway.wire.translate.hub import Finish
from gateway.wire.translate.responses_stream import ResponsesEvents

CREATED = {"type": "response.created", "response": {"id": "resp_1", "model": "m"}}


def read(*events):
    reader = ResponsesEvents()
    found = [one for event in (CREATED, *events) for one in reader.feed(orjson.dumps(event))]
    assert found[0] == Began("resp_1", "m")
    return found[1:]


def ended(*output, status="completed", **more):
    usage = {"input_tokens": 5, "output_tokens": 7}
    return {
        "type": f"response.{status}",
        "response": {"status": status, "output": list(output), "usage": usage, **more},
    }


def delta(kind, text, index=0, **more):
    return {"type": f"response.{kind}.delta", "output_index": index, "delta": text, **more}


def done(item, index=0):
    return {"type": "response.output_item.done", "output_index": index, "item": item}


def added(item, index=0):
    return {"type": "response.output_item.added", "output_index": index, "item": item}


MESSAGE = {"type": "message", "content": [{"type": "output_text", "text": "Hello"}]}
CALL = {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"x":1}'}
USED = Counted(Usage(input_tokens=5, output_tokens=7))


@pytest.mark.parametrize(
    "events",
    [
        (delta("output_text", "Hel"), delta("output_text", "lo"), done(MESSAGE), ended(MESSAGE)),
        (delta("output_text", "Hel"), delta("output_text", "lo"), ended(MESSAGE)),
        (added({"type": "message", "content": []}), done(MESSAGE), ended(MESSAGE)),
        (ended(MESSAGE),),
    ],
    ids=["all", "no end of the item", "no pieces", "only the end"],
)
def test_a_text_comes_once_however_it_is_told(events):
    found = read(*events)
    assert "".join(one.text for one in found if isinstance(one, Piece)) == "Hello"
    assert [type(one) for one in found if not isinstance(one, Piece)] == [Opened, Closed, Counted, Ended, Over]
    assert found[-3:] == [USED, Ended(Finish.STOP), Over()]


@pytest.mark.parametrize("pieces", [(), ('{"x"', ":1}")])
def test_a_call_comes_once_with_all_its_arguments(pieces):
    started = added({**CALL, "arguments": ""})
    found = read(started, *(delta("function_call_arguments", one) for one in pieces), done(CALL), ended(CALL))
    assert found[0] == Opened(0, "call", "c", "f")
    assert "".join(one.text for one in found if isinstance(one, Piece)) == '{"x":1}'
    assert Ended(Finish.CALLS) in found


@pytest.mark.parametrize("pieces", [(), ('say "a', '\nb"')])
def test_the_text_of_a_free_tool_becomes_an_object(pieces):
    whole = {"type": "custom_tool_call", "call_id": "c", "name": "p", "input": 'say "a\nb"'}
    started = added({**whole, "input": ""})
    found = read(started, *(delta("custom_tool_call_input", one) for one in pieces), done(whole), ended(whole))
    assert found[0] == Opened(0, "call", "c", "p", free=True)
    assert orjson.loads("".join(one.text for one in found if isinstance(one, Piece))) == {"input": 'say "a\nb"'}


def test_paragraphs_of_a_summary_are_one_thought_and_its_seal_follows():
    item = {"type": "reasoning", "id": "rs_1", "summary": [{"text": "a"}, {"text": "b"}], "encrypted_content": "ENC"}
    found = read(
        added({"type": "reasoning", "id": "rs_1", "summary": []}),
        delta("reasoning_summary_text", "a", summary_index=0),
        delta("reasoning_summary_text", "b", summary_index=1),
        delta("reasoning_summary_text", "!", summary_index=1),
        done(item),
        ended(item),
    )
    assert [one.text for one in found if isinstance(one, Piece)] == ["a", "\n\nb", "!"]
    assert Signed(0, "ENC", "openai", "rs_1") in found


def test_reasoning_that_is_only_encrypted_is_sealed():
    item = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "ENC"}
    assert read(added(item), done(item))[0] == Opened(0, "sealed", "rs_1", data="ENC", origin="openai")


@pytest.mark.parametrize(
    ("event", "finish"),
    [
        (ended(MESSAGE, status="incomplete", incomplete_details={"reason": "max_output_tokens"}), Finish.LENGTH),
        (ended(MESSAGE, status="incomplete", incomplete_details={"reason": "content_filter"}), Finish.REFUSED),
        (ended({"type": "message", "content": [{"type": "refusal", "refusal": "no"}]}), Finish.REFUSED),
    ],
)
def test_why_it_ended(event, finish):
    assert Ended(finish) in read(event)


def test_what_is_not_understood_is_left_out_and_a_stream_may_begin_without_its_first_event():
    assert (
        read({"type": "response.new.delta", "delta": "x"}, {"type": "ping"}, added({"type": "web_search_call"})) == []
    )
    reader = ResponsesEvents()
    assert reader.feed(b"[DONE]") == reader.feed(b'"x"') == []
    assert reader.feed(orjson.dumps(delta("output_text", "a"))) == [Began("", ""), Opened(0, "text"), Piece(0, "a")]
