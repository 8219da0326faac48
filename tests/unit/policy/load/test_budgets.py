"""Budgets as written, as kept, and as they hold."""

import json

import pytest
from support.fakes import policy

from gateway.domain.budget import Budget, RateLimit
from gateway.domain.facts import Facts
from gateway.policy.decide.evaluate import decide
from gateway.policy.load.errors import PolicyErrors
from gateway.policy.replay.replay import from_canonical

DAILY = {"tokens": 7, "per": "day", "time_zone": "Europe/Berlin", "strict": True}
TEAM = {"id": "t", "default_class": "public"}


def team(**more):
    return policy(teams=[TEAM | more]).teams["t"]


def test_one_plain_budget_keeps_the_form_that_it_always_had():
    data = json.loads(policy(teams=[TEAM | {"budget": {"usd": 5}}]).canonical)
    assert data["teams"]["t"]["budget"] == {
        "usd_nanos": 5 * 10**9,
        "per": "month",
        "covers": "closed",
        "on_exhausted": "reject",
    }
    assert "organization" not in data


def test_budgets_of_organization_team_and_keys_hold_together():
    snapshot = policy(
        organization={"budget": {"usd": 9, "per": "year", "fiscal_start": 4}, "rate_limit": {"requests_per_minute": 5}},
        teams=[
            TEAM
            | {
                "budget": [
                    {"usd": 5, "soft": [90, 50]},
                    {"tokens": 7, "per": "day", "time_zone": "Europe/Berlin", "strict": True},
                ],
                "keys": [{"budget": {"usd": 1}}, {"id": "k", "rate_limit": {"tokens_per_minute": 3}}],
            }
        ],
    )
    found = snapshot.teams["t"]
    assert found.budgets == (
        Budget(9 * 10**9, "year", fiscal_start=4, payer="organization"),
        Budget(5 * 10**9, soft=(50, 90)),
        Budget(None, "day", tokens=7, time_zone="Europe/Berlin", strict=True),
        Budget(10**9, payer="key"),
    )
    assert found.rate_limits == (RateLimit("organization", 5), RateLimit("key", None, 3, "k"))
    assert from_canonical(snapshot.canonical).teams["t"] == found


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"usd": 1, "time_zone": "Mars/Olympus"},
        {"usd": 1, "soft": 100},
        {"usd": 1, "fiscal_start": 13},
        {"usd": 1, "on_exhausted": {"downgrade": "nobody"}},
    ],
)
def test_what_cannot_hold_is_refused(wrong):
    with pytest.raises(PolicyErrors):
        team(budget=wrong)


def test_a_downgrade_moves_its_target_to_the_front_and_says_why():
    rules = [{"kind": "budget"}, {"kind": "prefer", "by": "order", "order": ["away", "home"]}]
    snapshot = policy(rules=rules, teams=[TEAM | {"budget": {"usd": 1, "on_exhausted": {"downgrade": "home"}}}])
    decision = decide(snapshot, Facts("t", "k", "auto", "openai.chat", input_bytes=9, budget_left_nanos=0))
    assert (decision.ranked[0].target, decision.reason) == ("home", "budget")
