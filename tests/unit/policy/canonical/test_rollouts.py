"""A rollout comes out of canonical data as it went in."""

from hypothesis import given
from hypothesis import strategies as st
from support.parts import WORDS, kept

from gateway.policy.canonical.rollouts import from_canonical, to_canonical
from gateway.policy.conditions import compile_condition
from gateway.policy.snapshot import Rollout

WHEN = st.sampled_from([None, *[compile_condition(text, certain=False) for text in ("stream", "team == 'a'")]])


@given(st.builds(Rollout, WORDS, WORDS, WHEN, WORDS, st.integers(0, 10_000)))
def test_it_comes_out_as_it_went_in(part):
    assert from_canonical(kept(to_canonical(part))) == part
