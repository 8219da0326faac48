"""A floor comes out of canonical data as it went in."""

from hypothesis import given
from hypothesis import strategies as st
from support.parts import CATEGORIES, CLASSES, MATCHES, WORDS, kept

from gateway.domain.label import Label
from gateway.policy.canonical.floors import from_canonical, to_canonical
from gateway.policy.snapshot import Floor

REGIONS = st.none() | st.frozensets(WORDS, max_size=2)


@given(st.builds(Floor, MATCHES, st.builds(Label, CLASSES, CATEGORIES, REGIONS)))
def test_it_comes_out_as_it_went_in(part):
    assert from_canonical(kept(to_canonical(part))) == part
