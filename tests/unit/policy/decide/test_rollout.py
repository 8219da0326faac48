from support.replacing import replace

from gateway.policy.decide.rollout import in_share, unit_of
from gateway.policy.snapshot import Rollout

ROLLOUT = Rollout("r", "auto", None, "home", 1000, "session")


def share(rollout, facts, number=10_000):
    return {n for n in range(number) if in_share(rollout, facts(session=f"s{n}"))}


def test_ten_percent_are_ten_percent(facts):
    assert abs(len(share(ROLLOUT, facts)) / 10_000 - 0.10) < 0.01


def test_growing_the_share_moves_nobody_back(facts):
    before = set()
    for points in (0, 1, 50, 100, 1000, 2500, 9999, 10_000):
        inside = share(replace(ROLLOUT, basis_points=points), facts, 2000)
        assert before <= inside
        before = inside

    assert len(before) == 2000


def test_two_rollouts_take_different_shares(facts):
    half = replace(ROLLOUT, basis_points=5000)

    both = share(half, facts) & share(replace(half, id="other"), facts)

    assert abs(len(both) / 10_000 - 0.25) < 0.02


def test_what_is_moved_as_one(facts):
    asked = facts(session="s", conversation="c", user="u", key="k")

    assert unit_of(ROLLOUT, asked) == "s"
    assert unit_of(ROLLOUT, replace(asked, session="")) == "c"
    assert unit_of(ROLLOUT, replace(asked, session="", conversation="")) == "k"
    assert unit_of(replace(ROLLOUT, unit="user"), asked) == "u"
    assert unit_of(replace(ROLLOUT, unit="user"), replace(asked, user="")) == "k"
    assert unit_of(replace(ROLLOUT, unit="key"), asked) == "k"
