"""Facts survive the ledger, and equal facts have equal bytes."""

import json

import orjson
from hypothesis import given
from hypothesis import strategies as st
from support.replacing import replace

from gateway.domain.facts import _ADDED, Facts, canonical, digest
from gateway.domain.label import Category, DataClass, Label, Part

names = st.text(st.characters(codec="utf-8"), max_size=8)
counts = st.integers(0, 2**40)
labels = st.builds(
    Label,
    st.sampled_from(DataClass),
    st.frozensets(st.sampled_from(Category)),
    st.none() | st.frozensets(st.sampled_from(["eu", "us"])),
)
facts = st.builds(
    Facts,
    team=names,
    key=names,
    model=names,
    dialect=st.sampled_from(["openai.chat", "anthropic.messages"]),
    task=names,
    user=names,
    session=names,
    conversation=names,
    label=labels,
    stream=st.booleans(),
    has_tools=st.booleans(),
    has_images=st.booleans(),
    needs=st.lists(st.sampled_from(["tools", "vision"]), unique=True).map(lambda each: tuple(sorted(each))),
    input_tokens=counts,
    input_bytes=counts,
    max_tokens=counts,
    choices=st.integers(1, 128),
    hour=st.integers(0, 23),
    weekday=st.integers(0, 6),
    budget_left_nanos=st.none() | counts,
    latency_ms=st.dictionaries(names, counts, max_size=3).map(lambda each: tuple(sorted(each.items()))),
)


@given(facts)
def test_facts_survive_the_way_through_the_ledger(one):
    assert Facts.from_json(orjson.loads(canonical(one.as_json()))) == one


@given(facts, facts)
def test_facts_are_equal_exactly_if_their_bytes_are(one, two):
    assert (canonical(one.as_json()) == canonical(two.as_json())) == (one == two)


@given(facts)
def test_facts_are_plain_json(one):
    assert json.loads(json.dumps(one.as_json())) == orjson.loads(canonical(one.as_json()))


def test_a_label_is_shown_in_words_in_one_order():
    label = Label(DataClass.CONFIDENTIAL, frozenset({Category.PII, Category.HR}), frozenset({"us", "eu"}))
    shown = Facts("t", "k", "m", "openai.chat", label=label).as_json()["label"]

    assert shown == {"data_class": "confidential", "categories": ["hr", "pii"], "regions": ["eu", "us"]}


def test_canonical_bytes_do_not_depend_on_the_order_of_keys():
    assert canonical({"b": [1, "ü"], "a": None}) == canonical({"a": None, "b": [1, "ü"]})
    assert canonical({"b": 1, "a": "ü"}) == '{"a":"ü","b":1}'.encode()


def test_a_digest_is_16_hex_digits_of_sha_256():
    assert digest(b"") == "e3b0c44298fc1c14"


@given(facts)
def test_later_fields_are_left_out_where_they_are_empty_and_all_others_are_there(one):
    names = list(one.__struct_fields__)
    for empty in (one, replace(one, used=(("team:usd", 1),), parts=(Part("email", Label()),))):
        known = [name for name in names if name not in _ADDED or getattr(empty, name)]
        there = [name for name in known if name != "floor"]
        assert [name for name in empty.as_json() if name != "floor"] == there
        assert ("floor" in empty.as_json()) == bool(empty.parts)
