"""A team and its purses come out of canonical data as they went in, given what others say of it."""

from hypothesis import given
from hypothesis import strategies as st
from support.parts import CLASSES, WORDS, kept, purses

from gateway.domain.exceptions import PolicyException
from gateway.domain.label import DataClass
from gateway.domain.team import Team
from gateway.policy.canonical.budgets import Purse
from gateway.policy.canonical.teams import from_canonical, to_canonical

GRANT = PolicyException("e", "o", "r", frozenset({"t"}), 0, 9)
OTHER = PolicyException("f", "o", "r", frozenset({"u"}), 0, 9)


@given(
    st.builds(Team, st.just("t"), CLASSES, st.none() | WORDS, WORDS, WORDS),
    st.tuples(purses("organization"), purses(), st.lists(purses("key", "k") | purses("key"), max_size=2)),
)
def test_a_team_comes_out_as_it_went_in(bare, found):
    whole, own, keys = found
    data = kept(to_canonical(bare, (own, *keys)))
    team, purses_again = from_canonical("t", data, whole, (GRANT, OTHER))

    assert purses_again == (own, *keys)
    assert kept(to_canonical(team, purses_again)) == data
    assert team.budgets == tuple(one for purse in (whole, own, *keys) for one in purse.budgets)
    assert team.rate_limits == tuple(one.rate_limit for one in (whole, own, *keys) if one.rate_limit is not None)
    assert (team.default_class, team.owner, team.exceptions) == (bare.default_class, bare.owner, (GRANT,))
    assert ("keys" in data) == bool(keys)


def test_a_key_that_may_spend_nothing_is_kept_too():
    data = to_canonical(Team("t", DataClass.PUBLIC), (Purse("team"), Purse("key", "k")))

    assert data["keys"] == [{"id": "k", "budget": None}]
