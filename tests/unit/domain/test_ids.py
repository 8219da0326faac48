"""Ids sort by time and never repeat by chance."""

import re

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.ids import RANDOM_BYTES, new_id

times = st.integers(0, 2**48 - 1)
randomness = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)


@given(times, randomness)
def test_an_id_is_its_prefix_and_26_characters_that_nobody_mistakes(at, noise):
    assert re.fullmatch(r"dec_[0-7][0-9a-hjkmnp-tv-z]{25}", new_id("dec", at, noise))


@given(times, times, randomness, randomness)
def test_ids_sort_by_time_and_then_by_their_noise(one, two, noise, other):
    assert (new_id("x", one, noise) < new_id("x", two, other)) == ((one, noise) < (two, other))


@given(times, randomness, randomness)
def test_other_noise_is_another_id(at, noise, other):
    assert (new_id("x", at, noise) == new_id("x", at, other)) == (noise == other)


def test_a_time_beyond_the_year_10000_does_not_lengthen_an_id():
    assert len(new_id("x", 2**60, bytes(10))) == len(new_id("x", 0, bytes(10)))
