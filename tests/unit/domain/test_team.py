"""A team knows what its calls are paid from."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.budget import STEP_NS, Budget, RateLimit, accounts
from gateway.domain.label import DataClass
from gateway.domain.team import MOST_KEYS, Team

DAY_NS = 86_400 * 10**9
ALL = Budget(1, payer="organization")
OWN = Budget(2)
EACH = Budget(3, payer="key")
ONE = Budget(4, payer="key", key="k")


def test_a_key_with_a_budget_of_its_own_has_that_one_alone_of_those_for_keys():
    team = Team("t", DataClass.PUBLIC, budgets=(ALL, OWN, EACH, ONE))
    assert team.paying("k") == (ALL, OWN, ONE)
    assert team.paying("l") == (ALL, OWN, EACH)
    assert Team("t", DataClass.PUBLIC).paying("k") == ()


def test_rate_limits_likewise():
    own, each, one = RateLimit("team", 1), RateLimit("key", 2), RateLimit("key", 3, key="k")
    team = Team("t", DataClass.PUBLIC, rate_limits=(own, each, one))
    assert (team.limiting("k"), team.limiting("l")) == ((own, one), (own, each))
    assert Team("t", DataClass.PUBLIC).limiting("k") == ()


@given(st.lists(st.tuples(st.sampled_from("klm"), st.integers(0, 40 * DAY_NS)), max_size=9))
def test_accounts_are_those_of_the_key_and_the_time_whoever_called_before(calls):
    team = Team("t", DataClass.PUBLIC, budgets=(ALL, OWN, Budget(5, per="day", time_zone="Europe/Berlin"), EACH, ONE))
    for key, at_ns in calls:
        assert team.accounts(key, at_ns) == accounts(team.paying(key), "t", key, at_ns)


def test_accounts_are_kept_for_a_quarter_of_an_hour_and_for_so_many_keys():
    team = Team("t", DataClass.PUBLIC, budgets=(OWN,))
    first = team.accounts("k", 0)
    assert team.accounts("k", STEP_NS - 1) is first
    for number in range(MOST_KEYS + 5):
        team.accounts(f"key-{number}", 0)
    assert len(team._accounts) <= MOST_KEYS
    assert Team("t", DataClass.PUBLIC).accounts("k", 0) == ()
