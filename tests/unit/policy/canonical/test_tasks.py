"""A task comes out of canonical data as it went in."""

from hypothesis import given
from hypothesis import strategies as st
from support.parts import MATCHES, WORDS, kept

from gateway.policy.canonical.tasks import from_canonical, to_canonical
from gateway.policy.snapshot import Task


@given(st.builds(Task, WORDS, MATCHES))
def test_it_comes_out_as_it_went_in(part):
    assert from_canonical(kept(to_canonical(part))) == part
