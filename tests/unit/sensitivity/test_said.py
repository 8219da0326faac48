"""An answer is the same answer whatever a client did to it on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sensitivity.said import NOTHING_SAID, Said, said_in, together

CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
USE = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"content": "Hi there"}, {"content": [{"type": "text", "text": "Hi "}, {"type": "text", "text": "there"}]}),
        ({"content": "Hi\n\nthere "}, {"content": " Hi there"}),
        ({"content": "<think>Hm\nso</think>\n\nHi"}, {"content": "Hi"}),
        ({"content": [{"type": "thinking", "thinking": "Hm", "signature": "s"}, {"type": "text", "text": "Hi"}]},
         {"content": "Hi"}),
        ({"content": "Hi", "reasoning_content": "Hm"}, {"content": "Hi"}),
        ({"content": None, "tool_calls": [CALL]},
         {"content": "", "tool_calls": [CALL | {"function": {"name": "f", "arguments": "{ }"}}]}),
        ({"content": [USE]}, {"content": [{"type": "text", "text": ""}, USE | {"input": {"a": 1}}]}),
        ({"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}, {"content": "Hi"}),
    ],
)  # fmt: skip
def test_it_is_the_same(one, other):
    assert said_in(one).normal == said_in(other).normal != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"content": "Hi"}, {"content": "hi"}),
        ({"content": "Hi"}, {"content": "Hi", "tool_calls": [CALL]}),
        ({"tool_calls": [CALL]}, {"tool_calls": [CALL | {"id": "call_2"}]}),
        ({"type": "function_call", "call_id": "a"}, {"type": "function_call", "call_id": "b"}),
    ],
)
def test_it_is_another(one, other):
    assert said_in(one).normal != said_in(other).normal


NAMES = st.sampled_from(["content", "type", "text", "tool_calls", "id"])


@given(st.recursive(st.none() | st.text(), lambda each: st.lists(each) | st.dictionaries(NAMES, each)))
def test_odd_shapes_say_something_or_nothing_and_break_nothing(node):
    assert isinstance(said_in(node), Said)


@given(st.lists(st.text()))
def test_pieces_of_an_answer_are_one(pieces):
    assert together(map(Said, pieces)) == Said("".join(pieces))
    assert together([]) == NOTHING_SAID
