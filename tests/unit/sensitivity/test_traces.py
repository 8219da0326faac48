"""A value is found again by its trace, wherever it stands, and a trace says nothing of its value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.label import DataClass, Label, Part
from gateway.sensitivity.traces import MOST, Seen, Traces, Tracing, memory, split, trace_key

LABEL = Label(DataClass.RESTRICTED)
KEY = trace_key(b"s" * 32, "t")


def tracing(known=(), key=KEY):
    return Tracing(key, lambda _: True, frozenset(known))


def kept(*values, known=(), full=False):
    return memory("secret", [Seen(value, LABEL, 3) for value in values], tracing(known), full=full)


def found(text, *values, key=KEY):
    return [text[start:end] for *_, start, end in Traces(kept(*values), key).find(text)]


@pytest.mark.parametrize(
    "value", ["hunter2", "p@ss w0rd!x", "+49 170 1234567", "-----BEGIN X-----\nabcd\n", "春天花开1"]
)
def test_a_value_is_found_wherever_it_stands(value):
    assert found(f"so {value} and '{value}'", value) == [value, value]


@given(st.text(min_size=1, max_size=30), st.text(max_size=40), st.text(max_size=40))
def test_what_is_found_is_the_value(value, before, after):
    assert set(found(f"{before} {value} {after}", value)) <= {value}


def test_what_only_shares_its_longest_run_is_not():
    assert found("hunter-two", "hunter-2") == []


def test_another_team_finds_nothing():
    assert found("so hunter2", "hunter2", key=trace_key(b"s" * 32, "other")) == []


def test_a_trace_holds_no_piece_of_the_value():
    (part,) = kept("Tr0ub4dor-and-3")

    assert "Tr0ub" not in part.kind
    assert (part.label, part.turn) == (LABEL, 3)


@pytest.mark.parametrize("value", ["1-2-3-4", "ab", "!!!!!!"])
def test_a_value_that_could_not_be_found_again_taints(value):
    assert kept(value) == [Part("untraced:secret", LABEL, 3)]


def test_too_many_values_taint_and_those_that_are_known_do_not_count_twice():
    values = [f"value-{number:04d}" for number in range(MOST + 1)]
    first = kept(*values)

    assert first[-1] == Part("untraced:secret", LABEL, 3)
    assert len(first) == MOST + 1
    again = kept(*values[:MOST], known=[part.kind for part in first[:-1]])
    assert not any(part.kind.startswith("untraced") for part in again)


def test_that_there_are_more_than_were_looked_at_taints():
    assert [part.kind.partition(":")[0] for part in kept("hunter22", full=True)] == ["trace", "untraced"]


def test_a_store_s_parts_are_told_apart():
    (trace,) = kept("hunter22")
    taint = Part("secret", LABEL)

    assert split([trace, taint]) == ((taint,), (trace,))
    assert not Traces([taint, Part("trace:secret|x", LABEL)], KEY)
