import orjson
import pytest
from support.fakes import KEY, Fakes, budget, closed, local, policy

from gateway.domain.errors import NotAuthenticated
from gateway.edge.own import DecisionNotFound, Own
from gateway.pipeline.inbound import Headers
from gateway.wire.errors import status_of

pytestmark = pytest.mark.anyio

MINE = Headers({"x-api-key": KEY}, frozenset())
ANTHROPIC = Headers({"x-api-key": KEY, "anthropic-version": "2023-06-01"}, frozenset())
MODELS = [{"name": "auto", "candidates": ["home", "away"]}, {"name": "big", "candidates": ["away"]}]


def own(found=None, **changes) -> Own:
    return Own(Fakes(snapshot=policy(**({"models": MODELS} | changes))).world, lambda _: found)


def test_a_caller_sees_the_models_it_may_use_in_either_shape():
    listed = orjson.loads(own().models(MINE))
    assert listed["object"] == "list"
    assert [model["id"] for model in listed["data"]] == ["auto", "big"]
    listed = orjson.loads(own().models(ANTHROPIC))
    assert (listed["first_id"], listed["last_id"], listed["has_more"]) == ("auto", "big", False)


def test_a_model_that_is_never_permitted_is_not_listed():
    teams = [{"id": "t", "default_class": "confidential"}]
    assert [model["id"] for model in orjson.loads(own(teams=teams).models(MINE))["data"]] == ["auto"]
    models = [{"name": "big", "candidates": ["away"]}]
    listed = orjson.loads(own(teams=teams, models=models, targets=[closed("away"), local("home")]).models(ANTHROPIC))
    assert (listed["data"], listed["first_id"]) == ([], None)


def test_a_caller_sees_its_budget():
    shown = orjson.loads(own(teams=budget(5)).me(MINE))
    assert (shown["team"], shown["models"]) == ("t", ["auto", "big"])
    assert shown["budget"] == {
        "usd": "5.0",
        "left_usd": "5.0",
        "per": "month",
        "covers": "all",
        "on_exhausted": "reject",
    }
    assert orjson.loads(own().me(MINE))["budget"] is None


def test_a_caller_sees_the_rollouts():
    models = [{"name": "auto", "incumbent": "away", "candidates": ["home", "away"], "substitution": "with_rollout"}]
    rollouts = [{"id": "r", "model": "auto", "to": "home", "percent": 10, "unit": "session"}]
    assert orjson.loads(own(models=models, rollouts=rollouts).me(MINE))["rollouts"] == [
        {"id": "r", "model": "auto", "to": "home", "percent": 10.0}
    ]


async def test_a_decision_of_ones_own_key_is_shown():
    assert orjson.loads(await own({"key": "key_1", "id": "dec_1"}).decision(MINE, "dec_1")) == {
        "key": "key_1",
        "id": "dec_1",
    }


@pytest.mark.parametrize("found", [None, {"key": "key_2"}, {}])
async def test_somebody_elses_decision_reads_like_none_at_all(found):
    with pytest.raises(DecisionNotFound) as caught:
        await own(found).decision(MINE, "dec_1")
    assert status_of(caught.value) == 404
    assert caught.value.message == "this key has no decision of that id"


async def test_all_of_it_takes_a_key():
    nobody = Headers({}, frozenset())
    with pytest.raises(NotAuthenticated):
        own().models(nobody)
    with pytest.raises(NotAuthenticated):
        own().me(nobody)
    with pytest.raises(NotAuthenticated):
        await own({"key": "key_1"}).decision(nobody, "dec_1")
