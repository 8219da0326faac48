"""A purse comes out of canonical data as it went in; one plain budget keeps the form it always had."""

from hypothesis import given
from support.parts import kept, purses

from gateway.domain.budget import Budget
from gateway.policy.canonical.budgets import Purse, from_canonical, to_canonical

ALWAYS = {"usd_nanos", "per", "covers", "on_exhausted"}


@given(purses() | purses("key", "k") | purses("organization"))
def test_a_purse_comes_out_as_it_went_in(purse):
    assert from_canonical(kept(to_canonical(purse)), purse.payer, purse.key) == purse


@given(purses())
def test_what_is_at_its_default_is_left_out(purse):
    data = to_canonical(purse)
    listed = data["budget"] if isinstance(data["budget"], list) else [data["budget"]] * len(purse.budgets)

    assert ("rate_limit" in data) == (purse.rate_limit is not None)
    for one, kept_as in zip(purse.budgets, listed, strict=True):
        changed = {name for name in Budget.__slots__ if getattr(one, name) != getattr(Budget(), name)}
        assert set(kept_as) == ALWAYS | changed


def test_an_empty_item_is_an_empty_purse():
    assert from_canonical({}, "organization") == Purse("organization")
    assert to_canonical(Purse("team")) == {"budget": None}
