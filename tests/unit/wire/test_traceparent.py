import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.records import TraceRef
from gateway.wire.traceparent import RANDOM_BYTES, header, join

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
RANDOM = bytes(range(1, RANDOM_BYTES + 1))
OWN = RANDOM[16:24].hex()


@pytest.mark.parametrize(("flags", "sampled"), [("01", True), ("00", False), ("03", True), ("02", False)])
def test_a_callers_trace_goes_on(flags, sampled):
    assert join(f"00-{TRACE}-{SPAN}-{flags}", RANDOM) == TraceRef(TRACE, OWN, SPAN, sampled=sampled)


def test_a_later_version_may_say_more():
    assert join(f"01-{TRACE}-{SPAN}-01-more", RANDOM).trace == TRACE


@pytest.mark.parametrize(
    "sent",
    [
        *(
            None,
            "",
            "x",
            f"00-{TRACE}-{SPAN}",
            f"00-{TRACE}-{SPAN}-0",
            f"ff-{TRACE}-{SPAN}-01",
            f"00-{TRACE.upper()}-{SPAN}-01",
        ),
        *(
            f"00-{'0' * 32}-{SPAN}-01",
            f"00-{TRACE}-{'0' * 16}-01",
            f"00-{TRACE}-{SPAN}-01-more",
            f" 00-{TRACE}-{SPAN}-01",
        ),
    ],
)
def test_anything_else_begins_a_trace(sent):
    assert join(sent, RANDOM) == TraceRef(RANDOM[:16].hex(), OWN)


@given(st.text(max_size=80))
def test_no_header_crashes_or_ends_up_in_the_next_one(sent):
    trace = join(sent, RANDOM)
    assert join(header(trace, SPAN), RANDOM).trace == trace.trace
    assert header(trace, SPAN).isascii()
