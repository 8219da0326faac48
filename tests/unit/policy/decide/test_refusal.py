"""What a decision that cannot be served is refused with."""

import pytest
from support.fakes import policy

from gateway.domain.facts import Facts
from gateway.domain.label import DataClass, Label
from gateway.policy.decide.evaluate import decide
from gateway.policy.decide.refusal import refusal

AWAY_FIRST = [{"kind": "budget"}, {"kind": "prefer", "by": "order", "order": ["away", "home"]}]


def refused(budget=None, *, label=DataClass.PUBLIC, left=0, models=("home", "away")):
    team = {"id": "t", "default_class": "public"} | ({} if budget is None else {"budget": budget})
    snapshot = policy(rules=AWAY_FIRST, teams=[team], models=[{"name": "auto", "candidates": list(models)}])
    facts = Facts("t", "k", "auto", "openai.chat", label=Label(label), input_bytes=9, budget_left_nanos=left)
    return refusal(snapshot, decide(snapshot, facts), facts)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, None),
        ({"budget": {"usd": 1}, "left": 10**9}, None),
        ({"budget": {"usd": 1, "on_exhausted": "local_only"}}, None),
        ({"budget": {"usd": 1, "on_exhausted": {"downgrade": "home"}}}, None),
        ({"budget": {"usd": 1}}, "budget_exceeded"),
        ({"budget": {"usd": 1}, "label": DataClass.RESTRICTED}, None),
        ({"budget": {"usd": 1, "on_exhausted": "local_only"}, "models": ["away"]}, "budget_exceeded"),
        ({"label": DataClass.RESTRICTED, "models": ["away"]}, "no_permitted_route"),
    ],
)
def test_the_refusal_tells_whether_money_or_rules_are_the_cause(asked, code):
    assert refused(**asked) == code
