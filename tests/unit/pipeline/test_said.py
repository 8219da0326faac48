"""What a stream says is what its client puts together, whatever the pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fakes import BLOCK_START, DONE, MESSAGE_START, chunk, completion, event, message, named

from gateway.pipeline.said import restored, said_in_answer, said_in_stream
from gateway.sensitivity.said import Said

FUNCTION = {"name": "f", "arguments": ""}
CALLS = [
    event({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]})
    for call in (
        {"index": 0, "id": "call_1", "type": "function", "function": FUNCTION},
        {"index": 0, "id": "call_1", "function": {"arguments": "{}"}},
        {"index": 0, "id": None, "function": {"arguments": ""}},
    )
]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=6))
def test_a_chat_says_its_pieces_together(pieces):
    (said,) = said_in_stream([*map(chunk, pieces), chunk(finish="stop"), DONE], choices=1)
    assert said == Said("".join(pieces))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=6))
def test_a_message_says_its_pieces_together(pieces):
    deltas = [named("content_block_delta", index=0, delta={"type": "text_delta", "text": piece}) for piece in pieces]
    thought = named("content_block_delta", index=1, delta={"type": "thinking_delta", "thinking": "Hm"})
    (said,) = said_in_stream([MESSAGE_START, thought, *deltas], choices=1)
    assert said == Said("".join(pieces))


def test_texts_that_look_like_fields_are_texts():
    text = 'x", "content": "y'
    assert said_in_stream([chunk(text)], choices=1) == [Said(text)]


def test_calls_of_tools_are_known_by_their_ids():
    (said,) = said_in_stream([chunk("Let me look"), *CALLS, DONE], choices=1)
    assert said.normal == Said("Let me look", ("call_1",)).normal
    use = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
    (said,) = said_in_stream([BLOCK_START, named("content_block_start", index=1, content_block=use)], choices=1)
    assert said.calls == ("toolu_1",)


def test_each_choice_says_its_own():
    events = [chunk("a"), event({"choices": [{"index": 1, "delta": {"content": "b"}}]}), chunk("c")]
    assert said_in_stream(events, choices=2) == [Said("ac"), Said("b")]


@pytest.mark.parametrize("odd", [b"data: {", b"data: [1]\n\n", b"", b'data: {"choices":[1],"content_block":2}\n\n'])
def test_what_is_no_event_says_nothing(odd):
    assert said_in_stream([odd], choices=1) == [Said()]
    assert said_in_stream([odd], choices=2) == [Said()]


def test_half_of_a_letter_is_put_together():
    halves = [chunk("X").replace(b'"X"', half) for half in (b'"\\ud83d"', b'"\\ude00"')]
    assert said_in_stream(halves, choices=1) == [Said("\U0001f600")]


def test_complete_answers_of_both_dialects():
    assert said_in_answer(completion("Hi")) == [Said("Hi")]
    assert [said.text for said in said_in_answer(message())] != [""]
    assert said_in_answer([]) == []


def test_the_client_gets_the_values_that_the_target_did_not_see():
    assert restored(Said("Hi MASK", ("c",)), lambda text: text.replace("MASK", "Ann")) == Said("Hi Ann", ("c",))
