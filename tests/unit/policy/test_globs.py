"""A compiled glob matches what the glob matches."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.globs import all_match, any_of, literal_length, patterns_of

WORDS = st.text("aB-.*?[]!\n|", max_size=6)


@given(WORDS, st.lists(WORDS, max_size=3))
def test_a_text_matches_if_one_glob_does(text, globs):
    assert (any_of(globs).match(text) is not None) == any(fnmatchcase(text, glob) for glob in globs)


def test_one_glob_of_each_list_must_match():
    patterns = patterns_of((("team", ("a*", "b")), ("model", ("gpt-?",))))

    assert all_match(patterns, {"team": "b", "model": "gpt-5", "key": "k"})
    assert not all_match(patterns, {"team": "b", "model": "gpt-51"})
    assert all_match((), {})


@pytest.mark.parametrize(("glob", "length"), [("*", 0), ("gpt-*", 4), ("a[bc]?d", 2)])
def test_a_glob_is_as_specific_as_what_stands_for_itself(glob, length):
    assert literal_length(glob) == length
