"""An entry is bound to all that it says and to the one before it."""

from dataclasses import fields, replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.books import chained, draft

from gateway.domain.chain import ATTEMPT_KINDS, ChainEntry, genesis, level_of
from gateway.domain.label import DataClass

texts = st.text(st.characters(codec="utf-8"), max_size=8)
numbers = st.integers(0, 2**53)
entries = st.builds(
    ChainEntry,
    *(texts, numbers, texts, numbers, texts, texts, texts, st.tuples(texts, texts), texts, texts, texts, texts),
    *(texts, texts, texts, numbers, texts, st.tuples(texts), st.booleans()),
)
(ENTRY,) = chained(draft(1))


@given(entries)
def test_an_entry_comes_back_from_its_line_and_its_header(entry):
    sealed = entry.sealed(3, "p")

    assert ChainEntry.read(sealed.line()) == ChainEntry.from_receipt(sealed.receipt()) == sealed
    assert sealed.whole
    assert (sealed.seq, sealed.prev) == (3, "p")
    assert b"\n" not in sealed.line()
    assert sealed.receipt().isascii()


@pytest.mark.parametrize("name", [field.name for field in fields(ChainEntry)])
def test_no_field_can_be_changed_under_a_hash(name):
    value = getattr(ENTRY, name)
    other = {str: "x", int: 99, bool: True, tuple: ("x",)}[type(value)]

    assert not replace(ENTRY, **{name: other}).whole


def test_the_first_entry_is_linked_to_its_instances_name():
    assert ENTRY.prev == genesis("egr_a") != genesis("egr_b")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"3",
        b"{}",
        ENTRY.line()[:-1],
        ENTRY.line().replace(b'"seq":1', b'"seq":"1"'),
        ENTRY.line().replace(b'"seq":1', b'"seq":true'),
        ENTRY.line().replace(b'"seq":1', b'"seq":1,"more":1'),
        ENTRY.line().replace(b'"categories":[]', b'"categories":3'),
    ],
)
def test_what_is_not_an_entry_is_reported(line):
    with pytest.raises(ValueError):  # noqa: PT011 -- orjson's words differ
        ChainEntry.read(line)


@pytest.mark.parametrize("header", ["", "x", "!!!", "\u00e9", "bnVsbA", "e30"])
def test_what_is_not_a_receipt_is_reported(header):
    with pytest.raises(ValueError):  # noqa: PT011
        ChainEntry.from_receipt(header)


@pytest.mark.parametrize(
    ("declared", "found", "level"),
    [
        ("public", "", DataClass.PUBLIC),
        ("internal", "public", DataClass.INTERNAL),
        ("public", "restricted", DataClass.RESTRICTED),
        ("no class", "public", DataClass.RESTRICTED),
        ("public", "no class", DataClass.RESTRICTED),
    ],
)
def test_its_level_is_the_highest_that_anybody_said(declared, found, level):
    assert replace(ENTRY, data_class=declared, found=found).level == level
    assert level_of("Public") is DataClass.RESTRICTED


def test_an_entry_names_no_content():
    assert not {"body", "text", "content", "messages"} & set(orjson.loads(ENTRY.line()))
    assert "primary" in ATTEMPT_KINDS
