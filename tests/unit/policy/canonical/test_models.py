"""A model comes out of canonical data as it went in."""

from hypothesis import given
from hypothesis import strategies as st
from support.parts import WORDS, kept, sets

from gateway.policy.canonical.models import from_canonical, to_canonical
from gateway.policy.snapshot import Model


@given(st.builds(Model, WORDS, incumbent=st.none() | WORDS, candidates=sets(WORDS)))
def test_it_comes_out_as_it_went_in(part):
    assert from_canonical(kept(to_canonical(part))) == part
