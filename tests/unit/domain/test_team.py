"""A team knows what its calls are paid from."""

from gateway.domain.budget import Budget, RateLimit
from gateway.domain.label import DataClass
from gateway.domain.team import Team

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
