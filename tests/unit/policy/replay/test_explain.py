import pytest

from gateway.domain.errors import ModelNotFound
from gateway.domain.label import Category, DataClass
from gateway.policy.replay.explain import explain


def test_every_rule_that_would_drop_a_target_is_reported_not_only_the_first(make, facts):
    rules = [
        {"kind": "deny", "zones": ["closed"], "why": "no"},
        {"kind": "quality_floor", "min": 0.5, "when": "stream"},
    ]

    explained = explain(make(rules=rules), facts(DataClass.RESTRICTED, (Category.PII,), stream=True))

    drops = {one["target"]: [drop["rule"] for drop in one["drops"]] for one in explained["candidates"]}
    assert drops == {"away": ["clearance", "deny", "quality_floor"], "home": ["quality_floor"]}
    assert (explained["target"], explained["reason"], explained["data_class"]) == (None, None, "restricted")
    assert explained["categories"] == ["pii"]


def test_permitted_targets_come_first_in_their_order(make, facts):
    explained = explain(make(rules=[{"kind": "prefer", "by": "cost"}]), facts(DataClass.RESTRICTED))

    assert [(one["target"], one["permitted"]) for one in explained["candidates"]] == [("home", True), ("away", False)]
    assert explained["candidates"][0]["expected_usd"] == "0.000612"
    assert explained["rollout"] is None


def test_an_unknown_model_is_reported(make, facts):
    with pytest.raises(ModelNotFound):
        explain(make(), facts(model="x"))
