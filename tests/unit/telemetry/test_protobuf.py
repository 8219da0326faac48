"""What is made by hand is what protobuf makes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from gateway.telemetry.protobuf import OwnAttribute, varint

OWN = OwnAttribute("gateway.x")


def serialized(**value) -> bytes:
    return Span(attributes=[KeyValue(key="gateway.x", value=AnyValue(**value))]).SerializeToString()


@given(st.integers(-(1 << 63), (1 << 63) - 1) | st.integers(-200, 200))
def test_an_integer(value):
    assert OWN.integer(value) == serialized(int_value=value)


@given(st.floats(allow_nan=False))
def test_a_floating_point_number(value):
    assert OWN.double(value) == serialized(double_value=value)


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.integers(0, 20_000).map("x".__mul__))
def test_a_text(value):
    assert OWN.text(value.encode()) == serialized(string_value=value)


@pytest.mark.parametrize("value", [1 << 63, -(1 << 63) - 1, 1 << 70])
def test_an_integer_that_protobuf_does_not_take_is_refused(value):
    with pytest.raises(ValueError, match="64 bits"):
        OWN.integer(value)


@given(st.integers(0, (1 << 64) - 1))
def test_a_varint_has_seven_bits_a_byte(number):
    data = varint(number)

    assert sum((byte & 127) << 7 * place for place, byte in enumerate(data)) == number
    assert [byte >> 7 for byte in data] == [1] * (len(data) - 1) + [0]
