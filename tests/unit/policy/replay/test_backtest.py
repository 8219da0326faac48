"""A new policy on decisions of the past."""

from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fakes import policy as policy_of

from gateway.domain.facts import Facts
from gateway.domain.label import DataClass, Label
from gateway.domain.usage import Usage
from gateway.policy.decide.evaluate import decide
from gateway.policy.replay.backtest import Backtest, Past


def policy(**changes):
    return policy_of(teams=[{"id": "support", "default_class": "public"}], **changes)


NOON = 1_795_348_800 * 10**9
HOME = policy(rules=[{"kind": "prefer", "by": "order", "order": ["home", "away"]}])
AWAY = policy(rules=[{"kind": "prefer", "by": "order", "order": ["away", "home"]}])
FACTS = Facts("support", "k", "auto", "openai.chat", input_tokens=100, input_bytes=400)


def past(snapshot, facts=FACTS, name="dec_1", usage=None):
    outcome = decide(snapshot, facts).canonical()
    return Past(name, NOON, facts.team, orjson.dumps(facts.as_json()), outcome, usage or Usage(1000, 0, 0, 100))


def tried(snapshot, *pasts):
    found = Backtest()
    for one in pasts:
        found.add(snapshot, one)
    return found


def test_the_same_policy_changes_nothing():
    found = tried(HOME, past(HOME))
    assert dict(found.counts["support"]) == {"requests": 1}
    assert found.then_cost == found.now_cost


def test_what_would_leave_is_reported_with_its_price():
    found = tried(AWAY, past(HOME))
    assert found.counts["support"]["newly_leaving"] == found.counts["support"]["moved"] == 1
    assert found.moves == {("support", "home", "away"): 1}
    assert found.now_cost["support"] > found.then_cost["support"]


def test_what_would_stay_is_reported():
    assert tried(HOME, past(AWAY)).counts["support"]["staying_home"] == 1


def test_what_would_be_refused_is_reported():
    only_away = policy(models=[{"name": "auto", "candidates": ["away"]}])
    secret = replace(FACTS, label=Label(DataClass.RESTRICTED))
    assert tried(only_away, past(HOME, secret)).counts["support"]["newly_refused"] == 1


@pytest.mark.parametrize("gone", [{"model": "nothing"}, {"team": "strangers"}])
def test_a_model_or_team_that_is_gone_is_refused(gone):
    assert tried(HOME, replace(past(HOME), facts=orjson.dumps(replace(FACTS, **gone).as_json()))).counts["support"][
        "newly_refused"
    ]


def test_what_was_not_gathered_is_reported():
    slow = policy(rules=[{"kind": "prefer", "by": "latency"}])
    assert tried(slow, past(HOME)).missing == {"latency": 1}


def test_requests_that_nothing_served_have_no_price():
    assert not tried(AWAY, replace(past(HOME), usage=None)).priced


@given(levels=st.lists(st.sampled_from(list(DataClass)), min_size=1, max_size=12), cut=st.integers(0, 12))
def test_parts_add_up_to_the_whole(levels, cut):
    pasts = [past(HOME, replace(FACTS, label=Label(level)), f"dec_{number}") for number, level in enumerate(levels)]
    whole, parts = tried(AWAY, *pasts), tried(AWAY, *pasts[:cut]).plus(tried(AWAY, *pasts[cut:]))
    assert parts == whole
