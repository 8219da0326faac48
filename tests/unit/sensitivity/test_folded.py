"""Patterns of policy are folded as the text is, so that those in another script can match."""
# ruff: noqa: RUF001 -- other scripts are what this is about

import pytest
import re2

from gateway.sensitivity.folded import folded_pattern
from gateway.sensitivity.view import View


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("когда", "когда"),
        ("(?i)когда", "КОГДА"),
        ("[а-яё]+", "ёлка"),
        ("[А-ЯЁ][а-яё]+", "Ёлка"),
        ("Grün-[0-9]", "Grün-7"),
        ("[äöü]{2}", "öä"),
        ("密码甲", "密码甲"),
        ("合同[一-龥]{2}", "合同密码"),
        (r"\x{043a}огда", "когда"),
        ("Ωμέγα", "Ωμέγα"),
        (r"№\d+", "№7"),
        (r"[^а-я]x", "7x"),
        (r"\[я\]", "[я]"),
    ],
)
def test_what_matches_a_text_matches_it_folded(pattern, text):
    assert re2.fullmatch(pattern, text)
    assert re2.fullmatch(folded_pattern(pattern), View(text).text)


@pytest.mark.parametrize("pattern", [r"PRJ-\d{5}", r"[^a]\bx", "a|b"])
def test_a_pattern_of_ascii_stays_as_it_is(pattern):
    assert folded_pattern(pattern) == pattern
