"""Thinking that nobody signed stays behind; all else of the request is the same."""

import pytest

from gateway.wire.translate.unsigned import without_unsigned

UNSIGNED = {"type": "thinking", "thinking": "hmm", "signature": ""}
SIGNED = {"type": "thinking", "thinking": "hmm", "signature": "S"}
TEXT = {"type": "text", "text": "a"}


def turns(*blocks, role="assistant"):
    return {"model": "m", "messages": [{"role": role, "content": list(blocks)}]}


def test_only_the_unsigned_block_is_taken_away():
    assert without_unsigned(turns(UNSIGNED, SIGNED, TEXT)) == (turns(SIGNED, TEXT), True)


@pytest.mark.parametrize(
    "tree",
    [
        turns(SIGNED, TEXT),
        turns(UNSIGNED),
        turns(UNSIGNED, TEXT, role="user"),
        {"messages": "x"},
        {},
        {"messages": [7]},
    ],
)
def test_a_request_without_it_or_with_nothing_else_is_left_as_it_is(tree):
    made, found = without_unsigned(tree)
    assert made is tree
    assert not found
