"""A target comes out of canonical data as it went in; what is new in it is left out where it is empty."""

from hypothesis import given
from support.parts import kept, targets

from gateway.policy.canonical.targets import from_canonical, to_canonical


@given(targets())
def test_a_target_comes_out_as_it_went_in(target):
    assert from_canonical(target.id, kept(to_canonical(target))) == target


@given(targets())
def test_keys_that_came_later_are_left_out_at_their_default(target):
    data = to_canonical(target)

    assert ("dialects" in data, "tariff" in data) == (target.dialects != (), target.tariff.periods != ())
