"""What this process knows of the pace of budgets."""

from support.fakes import policy
from support.replacing import replace

from gateway.domain.facts import Facts
from gateway.pipeline import pacing as module
from gateway.pipeline.pacing import Pacing
from gateway.pipeline.payment import paying

DAY_NS = 86_400 * 10**9
START = 1_790_812_800 * 10**9
"""2026-10-01."""
RULES = [{"kind": "burn_rate", "over": 2}, {"kind": "prefer", "by": "order", "order": ["away", "home"]}]
FACTS = Facts("t", "k", "auto", "openai.chat")


class Spent:
    def __init__(self):
        self.amount = 0

    def used(self, _counter):
        return self.amount, 10**18  # what is held says nothing of the pace


def snapshot(**budget):
    teams = [{"id": "t", "default_class": "public", "budget": {"usd": 310, "per": "month"} | budget}]
    return policy(teams=teams, rules=RULES)


def lived(hours, dollars_an_hour, made=None):
    made = made or snapshot()
    pacing, state = Pacing(), Spent()
    for quarter in range(hours * 4 + 1):
        at = START + quarter * DAY_NS // 96
        paid = paying(made.teams["t"], "k", at)
        pace, before = pacing.facts(paid, made.governors, state, at)
        pacing.note(paid, state, at)
        pacing.remember(made.governors, replace(FACTS, pace=pace, governed=tuple(before)), paid)
        state.amount += dollars_an_hour * 10**9 // 4
    return dict(pace), before, pacing


def test_an_even_pace_is_a_thousand():
    pace, before, _ = lived(24, 0.0)
    assert pace["team"] == 0
    pace, before, _ = lived(48, 1)
    assert abs(pace["team"] - 24 / 10 * 1000 * (310 / (310 - 48)) * (29 / 31)) < 60
    assert before == {"burn_rate"}


def test_a_slow_pace_starts_no_governor():
    pace, before, _ = lived(48, 0)
    assert (pace["team"], before) == (0, frozenset())


def test_nothing_is_said_of_the_first_hour():
    assert lived(1, 100)[0] == {}


def test_the_last_period_is_not_taken_for_this_one():
    made, pacing, state = snapshot(per="day"), Pacing(), Spent()
    for hour, amount in ((20, 4), (23, 5), (30, 90), (35, 100)):  # this process saw nothing of the first hours
        state.amount, at = amount * 10**9, START + hour * DAY_NS // 24
        paid = paying(made.teams["t"], "k", at)
        pace, _ = pacing.facts(paid, made.governors, state, at)
        pacing.note(paid, state, at)
    assert abs(dict(pace)["team"] - (10 / 5) / (210 / 13) * 1000) < 2


def test_of_too_many_counters_the_one_that_was_not_asked_for_the_longest_goes(monkeypatch):
    monkeypatch.setattr(module, "MOST", 2)
    made, pacing = snapshot(), Pacing()
    (account,) = paying(made.teams["t"], "k", START)
    for owner in ("a", "b", "a", "c"):
        pacing.note([replace(account, owner=owner)], Spent(), START)
    assert [name[0] for name in pacing.as_json()["tracks"]] == ["a", "c"]


def test_budgets_in_tokens_have_no_pace_in_dollars():
    made = policy(
        teams=[{"id": "t", "default_class": "public", "budget": {"tokens": 1000, "per": "month"}}], rules=RULES
    )
    assert lived(24, 1, made)[0] == {}
