"""A text as a reader sees it, and the way back to the text as it was sent."""
# ruff: noqa: RUF001 -- confusable letters are what this is about

import json
import re
import sys
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.label import DataClass
from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity.letters import FOLDS, INVISIBLE
from gateway.sensitivity.scan import classify_text
from gateway.sensitivity.view import View, fold

PLAIN = SensitivitySpec()
SAMPLES = ["4539 1488 0343 6467", "219-09-9999", "DE89 3704 0044 0532 0130 00", "ann@blue-heron.net"]
PIECES = st.lists(
    st.sampled_from(
        [
            "a",
            "4",
            " ",
            "\\",
            "\\\\",
            "\\n",
            '\\"',
            "\\u0034",
            "\\u005c",
            "&#52;",
            "&amp;",
            "%34",
            "%25",
            "\u200b",
            "\u00ad",
            "４",
            "е",
            "é",
            "ж",
            "漢",
            "n",
            ";",
        ]
    ),
    max_size=30,
).map("".join)


@pytest.mark.parametrize(
    "written",
    [
        "\uff14\uff15\uff13\uff19 \uff11\uff14\uff18\uff18 \uff10\uff13\uff14\uff13 \uff16\uff14\uff16\uff17",
        "\u0664\u0665\u0663\u0669 \u0661\u0664\u0668\u0668 \u0660\u0663\u0664\u0663 \u0666\u0664\u0666\u0667",
        "4539\u20111488\u20110343\u20116467",
        "4539\u20131488\u20130343\u20136467",
        "4539\u00a01488\u20090343\u202f6467",
        "4\u200b5\u200b3\u200b9\u200d 1488 0343\ufe0f 6467",
        "4539\u00ad1488\u20600343\ufeff6467",
        "\u202e4539 1488 0343 6467\u202c",
        "\U0001d7d2\U0001d7d3\U0001d7d1\U0001d7d7 1488 0343 6467",
        r"\u0034539 1488 0343 6467",
        r"\\u0034539 1488 0343 6467",
        "&#52;539 1488 0343 &#x36;467",
        "4539&nbsp;1488&nbsp;0343&nbsp;6467",
        "%34539%201488%200343%206467",
        "%2534539 1488 0343 6467",
    ],
)
def test_a_number_in_disguise_is_a_number(written):
    assert classify_text(written, PLAIN).data_class is DataClass.RESTRICTED


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("раsswоrd", "password"),
        ("hasło Müller Ñandú №", "haslo Muller Nandu №"),
        ("Nº 5", "No 5"),
        ("“x”", '"x"'),
        ("a\u2028b", "a\nb"),
    ],
)
def test_letters_are_what_they_look_like(written, read):
    assert fold(written) == read


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("before", ["\n", "\t", "\r\n", '"', "/"])
def test_json_inside_a_string_is_undone(sample, before):
    arguments = json.dumps({"content": f"x{before}{sample}{before}x"})
    twice = json.dumps({"outer": arguments})
    plain = classify_text(f"x{before}{sample}{before}x", PLAIN)

    assert classify_text(arguments, PLAIN) == plain == classify_text(twice, PLAIN)


def test_every_character_that_nobody_sees_and_every_digit_is_known():
    hidden = re.compile(f"[{INVISIBLE}]")
    for code in range(0x80, sys.maxunicode + 1):
        kind = unicodedata.category(chr(code))
        if kind == "Cf":
            assert hidden.fullmatch(chr(code)), hex(code)
        if kind == "Nd":
            assert FOLDS[chr(code)].isdigit(), hex(code)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="\\&%")))
def test_plain_text_stays(text):
    view = View(text)

    assert view.text == text
    assert view.back(0, len(text)) == (0, len(text))


@given(PIECES)
def test_each_character_of_the_view_stands_for_a_piece_of_the_text_in_order(text):
    view = View(text)
    places = [view.back(number, number + 1) for number in range(len(view.text))]

    assert len(view.data) == len(view.text)
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(before[1] <= after[0] for before, after in pairwise(places))


@given(PIECES, st.sampled_from(SAMPLES), PIECES)
def test_what_is_found_is_cut_out_of_the_text_as_it_was_sent(head, sample, tail):
    text = f"{head} {sample} {tail}"
    view = View(text)
    at = view.text.find(sample)

    assert text[slice(*view.back(at, at + len(sample)))] == sample


@given(st.text())
def test_no_text_crashes_it(text):
    view = View(text + r"\ud83d\ude00 \uDC00 \u00e9")

    assert len(view.data) == len(view.text)
