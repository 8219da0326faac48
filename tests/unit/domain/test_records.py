"""Records survive the spool, line by line; anything else is refused."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from support.books import attempt, chained, decision_made, draft, finished, policy, receipt, settled
from support.replacing import replace

from gateway.domain.money import CostParts
from gateway.domain.records import (
    KINDS,
    Action,
    Adjustment,
    AttemptStarted,
    Finished,
    GpuSample,
    PolicyLoaded,
    Settled,
    TraceRef,
    decode,
    encode,
)
from gateway.domain.usage import Usage

texts = st.text(st.characters(codec="utf-8"), max_size=10)
numbers = st.integers(0, 2**53)
tiers = st.sampled_from(["", "flex"])
usages = st.builds(Usage, *[numbers] * 5, st.booleans(), *[numbers] * 5, tiers)
policies = st.builds(PolicyLoaded, texts, numbers, texts)
attempts = st.builds(
    AttemptStarted,
    *(texts, texts, numbers, numbers, texts, st.sampled_from(["local", "closed"]), texts, texts, texts, numbers),
    *(texts, texts, texts),
)
settlements = st.builds(
    Settled,
    *(texts, texts, numbers, texts, st.integers(0, 599), usages, numbers, texts, st.none() | numbers, numbers),
    *(texts, texts, texts),
)
ends = st.builds(
    Finished,
    *(texts, numbers, st.integers(100, 599), texts, texts, texts, texts, texts, numbers, numbers, numbers),
    *(st.none() | numbers, texts, st.booleans(), texts, texts),
)


FIRST = (
    *("input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens"),
    "estimated",
)
LATER = ("cache_write_1h_tokens", "audio_input_tokens", "image_input_tokens", "audio_output_tokens", "web_searches")
adjustments = st.builds(Adjustment, texts, texts, texts, numbers, st.integers(-(2**53), 2**53), texts, texts)
shares = st.floats(0, 10**6)
samples = st.builds(
    GpuSample,
    *(texts, numbers, texts, texts, numbers, numbers, shares, shares, shares, numbers, numbers, numbers),
)
states = st.none() | st.dictionaries(texts, texts | numbers | st.none(), max_size=3)
changes = st.builds(
    Action, *[texts, numbers, texts, texts], st.sampled_from(["cli", "api"]), texts, texts, states, states
)


@given(policies | attempts | settlements | ends | adjustments | samples | changes)
def test_a_record_survives_the_way_through_a_line(record):
    line = encode(record)

    assert decode(line) == record
    assert b"\n" not in line
    assert line.startswith(b'{"kind":"' + record.kind.encode() + b'",')


@pytest.mark.parametrize(
    "record",
    [policy(), decision_made(1), attempt(1), receipt(*chained(draft(1))), settled(1), finished(1)],
    ids=lambda record: record.kind,
)
def test_each_kind_of_record_comes_back_as_it_was(record):
    assert type(decode(encode(record))) is KINDS[record.kind]
    assert decode(encode(record)) == record


@given(settlements, st.none() | st.builds(CostParts, *[numbers] * 4), numbers, st.booleans())
def test_a_settlement_has_the_bytes_that_it_always_had(record, cut, amount, bare):
    usage = record.usage
    if bare:  # zeros and empty texts that are computed, as a gateway's are, not those of the source
        usage = replace(usage, **dict.fromkeys(LATER, amount - amount), service_tier=usage.service_tier[:0])
    record = replace(record, parts=cut, discount=amount * (not bare), usage=usage)

    data = structs.asdict(record)
    tokens = structs.asdict(usage)
    data["usage"] = {name: value for name, value in tokens.items() if value or name in FIRST}
    data["parts"] = None if cut is None else structs.asdict(cut)
    data = {name: value for name, value in data.items() if value or name not in {"price_source", "parts", "discount"}}
    assert encode(record) == orjson.dumps({"kind": "settled", **data})


@pytest.mark.parametrize(
    ("record", "old", "new"),
    [
        (settled(1), b'"cost":777', b'"cost":"777"'),
        (attempt(1), b'"number":1', b'"number":1.5'),
        (attempt(1), b'"zone":"local"', b'"zone":"elsewhere"'),
        (finished(1), b'"reference":9000', b'"reference":[]'),
        (decision_made(1), b'"sampled":true', b'"sampled":null'),
    ],
)
def test_a_value_of_another_type_is_left_for_the_ledger_to_refuse(record, old, new):
    line = encode(record)
    assert line.count(old) == 1

    read = decode(line.replace(old, new))
    assert type(read) is type(record)
    assert read != record


def test_a_trace_comes_back_as_a_trace():
    assert decode(encode(decision_made(1))).trace == TraceRef("ab" * 16, "cd" * 8)


def test_every_kind_has_a_word_of_its_own():
    assert len(KINDS) == 9
    assert all(KINDS[word].kind == word for word in KINDS)


def test_an_attempt_of_before_there_were_receipts_can_be_read():
    line = encode(attempt(1)).replace(b',"attempt_kind":"primary"', b"")

    assert decode(line).attempt_kind == ""


@pytest.mark.parametrize(
    "line",
    [b"", b"{", b"[]", b"null", b"3", b'"text"', b"{}", b'{"kind":"unknown"}', b'{"kind":["settled"]}', b"\xff"],
)
def test_a_line_that_is_no_record_is_refused(line):
    with pytest.raises(ValueError):  # noqa: PT011 -- orjson's words differ
        decode(line)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rest", [b"}", b',"new":1}', b',"usage":3,"trace":3}'])
def test_a_record_with_other_fields_is_refused(kind, rest):
    with pytest.raises(ValueError):  # noqa: PT011 -- any of ours
        decode(b'{"kind":"' + kind.encode() + b'"' + rest)


@pytest.mark.parametrize("inside", ["usage", "parts"])
def test_a_settlement_with_an_unknown_kind_of_usage_or_cost_is_refused_not_cut(inside):
    record = replace(settled(1), parts=CostParts(1, 2, 3, 4))
    data = orjson.loads(encode(record))
    data[inside]["new"] = 7
    with pytest.raises(ValueError, match="not a ledger record"):
        decode(orjson.dumps(data))


def test_a_discount_is_kept_and_left_out_where_there_is_none():
    given = replace(settled(1), discount=7)

    assert decode(encode(given)) == given
    assert b"discount" not in encode(settled(1))
