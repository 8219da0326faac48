"""The fast ways to undo escapes do what the pattern says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sensitivity.escapes import BACKSLASHES, escape, unescaped

PIECES = [
    "\\",
    "\\\\",
    "u0034",
    "u{34}",
    "u{00000041}",
    "U00000041",
    "x41",
    "101",
    "n",
    "t",
    '"',
    "u",
    "0",
    "{",
    "4 ",
    "z" * 80,
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_a_text_is_unescaped_as_the_pattern_says(text):
    for padded in (text, text + "z" * 2000):  # with many and with few backslashes
        assert unescaped(padded) == BACKSLASHES.sub(escape, padded)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"\u0034", "4"),
        (r"\\\u0034", "4"),
        (r"\u{34}", "4"),
        (r"a\nb", "a\nb"),
        ("a\\", "a\\"),
        (r"\\\\", "\\"),
        (r"\q", r"\q"),
    ],
)
def test_escapes_are_what_they_stand_for(written, read):
    assert unescaped(written) == unescaped(written + " " * 900).rstrip(" ") == read
