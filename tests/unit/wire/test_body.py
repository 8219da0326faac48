"""Bodies are parsed strictly, once, and serialised once."""

import json
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import InvalidRequest
from gateway.wire.body import parse, read_answer, serialise

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCALARS = st.one_of(
    st.none(), st.booleans(), TEXT, st.integers(-(10**40), 10**40), st.floats(allow_nan=False, allow_infinity=False)
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=20
)
OBJECTS = st.dictionaries(TEXT, JSON, max_size=6)


def same(left, right) -> bool:
    """Equal, in the same order, integers still integers and floats still floats."""
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right and type(left) is type(right)


@given(OBJECTS, st.sampled_from([None, 2]), st.booleans())
def test_what_is_parsed_is_what_was_written_and_serialises_to_it(tree, indent, ascii_only):
    raw = json.dumps(tree, indent=indent, ensure_ascii=ascii_only).encode()
    parsed = parse(raw, max_depth=64)
    assert same(parsed, tree)
    assert same(json.loads(serialise(parsed)), tree)
    assert parse(serialise(parsed), max_depth=64) == parsed


@given(OBJECTS, st.text("abcdef", min_size=1, max_size=5))
def test_a_key_that_comes_twice_is_refused_at_any_depth(tree, key):
    twice = json.dumps({"outer": tree})[:-1] + f', "x": [{{"{key}": 1, "{key}": 2}}]}}'
    with pytest.raises(InvalidRequest, match="has a duplicate key"):
        parse(twice.encode(), max_depth=64)


def test_a_refusal_never_quotes_the_body():
    with pytest.raises(InvalidRequest) as caught:
        parse(b'{"secret at line 9":1,"secret at line 9":2}', max_depth=64)
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    "raw",
    [
        *(
            b'{"a":%s}' % number
            for number in (b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"01", b"+1", b".5", b"0x1")
        ),
        *(
            b'{"a":"%s"}' % text
            for text in (b"\\ud800", b"\\udc00\\ud800", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\n", b"\\x41")
        ),
        *(
            b"",
            b" ",
            b"{",
            b"{}{}",
            b"{} x",
            b"[]",
            b"1",
            b'"x"',
            b"null",
            b"{'a':1}",
            b'{"a":1,}',
            b"\xef\xbb\xbf{}",
            b"{}\x00",
        ),
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":[1e999]}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_what_is_not_strict_json_is_refused(raw):
    with pytest.raises(InvalidRequest):
        parse(raw, max_depth=64)


@given(st.binary(max_size=60))
def test_any_bytes_are_an_object_or_refused(raw):
    try:
        tree = parse(raw, max_depth=8)
    except InvalidRequest:
        return
    assert serialise(tree)


@pytest.mark.parametrize(
    ("depth", "good"), [(1, True), (63, True), (64, True), (65, False), (199, False), (250, False)]
)
def test_nesting_is_bounded(depth, good):
    raw = b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)
    if good:
        assert parse(raw, max_depth=64) is not None
    else:
        with pytest.raises(InvalidRequest, match="nested"):
            parse(raw, max_depth=64)


def test_numbers_beyond_64_bits_survive():
    tree = {"a": 10**30, "b": [-(10**30), 1.5], "é": "ü"}
    assert serialise(tree) == '{"a":%d,"b":[-%d,1.5],"é":"ü"}'.encode() % (10**30, 10**30)


@given(st.floats())
def test_a_number_is_finite_or_refused(number):
    raw = b'{"a":%s}' % json.dumps(number).encode()
    if isfinite(number):
        assert parse(raw, max_depth=2) == {"a": number}
    else:
        with pytest.raises(InvalidRequest):
            parse(raw, max_depth=2)


def test_half_a_character_of_an_engine_is_no_reason_to_throw_its_answer_away():
    assert read_answer(b'{"content": "\\ud83d"}') == {"content": "?"}
    assert read_answer(b'{"content": "\\ud83d\\ude00"}') == {"content": "\U0001f600"}


@pytest.mark.parametrize("raw", [b"", b"<html>", b'{"a":', b"\xff", b"[" * 100_000])
def test_what_is_no_json_of_an_upstream_is_a_value_error(raw):
    with pytest.raises(ValueError, match=r"."):
        read_answer(raw)
