"""Events are cut out of bytes as the WHATWG specification reads them, however the bytes came."""

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.wire import sse
from gateway.wire.sse import EventSplitter, EventTooLarge, data_of

END = st.sampled_from([b"\n", b"\r\n", b"\r"])
FIELD = st.sampled_from(
    [b"data: a", b"data:b", b"data", b": ping", b"event: x", b"id: 1", b"data:  \xc3\xa9", b"data: {}"]
)
LINES = st.lists(st.tuples(st.one_of(FIELD, st.just(b"")), END), max_size=12)


def lines_of(data: bytes) -> list[bytes]:
    """The reference: lines end with CRLF, LF or CR."""
    return re.split(rb"\r\n|\n|\r", data)


def reference(data: bytes) -> list[list[bytes]]:
    """The fields of each complete event, comments left out."""
    events: list[list[bytes]] = []
    fields: list[bytes] = []
    *complete, _ = lines_of(data)
    for line in complete:
        if line:
            fields.append(line)
        else:
            events.append(fields)
            fields = []
    return [event for event in events if event]


def split(data: bytes, cuts: list[int]) -> tuple[list[bytes], bytes]:
    splitter = EventSplitter()
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    events = [event for start, end in pairwise(places) for event in splitter.feed(data[start:end])]
    return events, splitter.rest()


@given(LINES, st.lists(st.integers(0, 10_000), max_size=20))
@example([(b"data: a", b"\r\n"), (b"", b"\r\n")], [8, 9, 10])
@example([(b"data: a", b"\r"), (b"", b"\r"), (b"data: b", b"\n"), (b"", b"\r")], [9])
@example([(b"data: a", b"\n"), (b"", b"\r"), (b"data: b", b"\n")], [9])
def test_events_do_not_depend_on_how_the_bytes_were_cut(lines, cuts):
    data = b"".join(line + end for line, end in lines)
    whole, rest = split(data, [])
    assert split(data, cuts) == (whole, rest)
    assert b"".join(whole) + rest == data
    fields = [[line for line in lines_of(event) if line] for event in whole]
    expected = reference(data)
    found = [event for event in fields if event]
    assert found == expected[: len(found)]
    assert len(expected) - len(found) <= (1 if data.endswith(b"\r") else 0)  # a last CR may be half of a CRLF


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=10))
def test_no_byte_is_lost_or_made_up_whatever_the_bytes_are(data, cuts):
    events, rest = split(data, cuts)
    assert b"".join(events) + rest == data


@given(st.lists(st.tuples(FIELD.filter(lambda field: field != b"data"), END), min_size=1, max_size=6))
def test_the_data_of_an_event_is_that_of_the_specification(lines):
    event = b"".join(line + end for line, end in lines) + b"\n"
    values = [line[5:].removeprefix(b" ") for line in lines_of(event) if line.startswith(b"data:")]
    assert data_of(event) == b"\n".join(values)


@pytest.mark.parametrize(
    ("event", "data"),
    [
        (b"data: {}\n\n", b"{}"),
        (b"data:{}\r\n\r\n", b"{}"),
        (b"data: a\rdata: b\n\n", b"a\nb"),
        (b"data: a\n: comment\ndata: b\n\n", b"a\nb"),
        (b"event: x\ndata: 1\n\n", b"1"),
        (b": ping\n\n", b""),
        (b"data: \n\n", b""),
    ],
)
def test_data_of_everyday_events(event, data):
    assert data_of(event) == data


def test_an_event_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(sse, "MAX_EVENT_BYTES", 10)
    splitter = EventSplitter()
    assert splitter.feed(b"data: 1\n\ndata: 1") == [b"data: 1\n\n"]
    with pytest.raises(EventTooLarge):
        splitter.feed(b"2345")
