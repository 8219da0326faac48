"""A commitment comes out of canonical data as it went in."""

from hypothesis import given
from hypothesis import strategies as st
from support.parts import AMOUNTS, WORDS, kept, sets

from gateway.policy.canonical.commitments import from_canonical, to_canonical
from gateway.pricing.commitment import Commitment


@given(st.builds(Commitment, WORDS, AMOUNTS, AMOUNTS, AMOUNTS, sets(WORDS)))
def test_it_comes_out_as_it_went_in(part):
    assert from_canonical(kept(to_canonical(part))) == part
