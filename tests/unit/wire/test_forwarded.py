"""Headers that go on hold versions and flags, and nothing that could be a text."""

import pytest

from gateway.wire.forwarded import MOST_FLAGS, forwarded

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("anthropic-version", "2023-06-01"),
        ("anthropic-beta", "prompt-caching-2024-07-31"),
        ("anthropic-beta", "claude-code-20250219,oauth-2025-04-20,interleaved-thinking-2025-05-14"),
        ("anthropic-beta", "output-128k-2025-02-19"),
        ("anthropic-beta", "context-1m-2025-08-07"),
        ("traceparent", TRACE),
        ("content-type", "application/json"),
    ],
)
def test_what_vendors_know_goes_on(name, value):
    assert forwarded({name: value}, closed=True) == {name: value}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("anthropic-version", "jane card 4539148803436467"),
        ("anthropic-beta", "jane.miller@kontor-12.de"),
        ("anthropic-beta", "4539148803436467"),
        ("anthropic-beta", "card-4539-1488-0343-6467"),
        ("anthropic-beta", "my secret"),
        ("tracestate", "a=4539148803436467"),
        ("accept", "text/html; note=4539148803436467"),
        ("x-other", "a"),
    ],
)
def test_what_could_hold_a_text_does_not(name, value):
    assert forwarded({name: value}, closed=True) == {}


def test_tracestate_stays_inside_of_the_house():
    assert forwarded({"tracestate": "a=1"}, closed=False) == {"tracestate": "a=1"}


def test_flags_are_counted_and_bad_ones_taken_out():
    assert forwarded({"anthropic-beta": "a-1, b c, d"}, closed=True) == {"anthropic-beta": "a-1,d"}
    assert len(forwarded({"anthropic-beta": "a," * 100}, closed=True)["anthropic-beta"].split(",")) == MOST_FLAGS
