"""An exception comes out of canonical data as it went in."""

from hypothesis import given
from hypothesis import strategies as st
from support.parts import AMOUNTS, CATEGORIES, CLASSES, WORDS, kept

from gateway.domain.exceptions import PolicyException
from gateway.policy.canonical.exceptions import from_canonical, to_canonical

NAMES = st.frozensets(WORDS, max_size=2)


@given(
    st.builds(PolicyException, WORDS, WORDS, WORDS, NAMES, AMOUNTS, AMOUNTS, NAMES, NAMES, NAMES, CLASSES, CATEGORIES)
)
def test_it_comes_out_as_it_went_in(part):
    assert from_canonical(kept(to_canonical(part))) == part
