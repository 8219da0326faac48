"""The demo's policy is the shipped one with other places, smaller budgets and nothing else."""

import json

import pytest
import yaml

from gateway.demo.policy import BUDGETS, ROLLOUT_PERCENT, demo_policy
from gateway.policy.load.compile import compile_documents
from gateway.pricing.book import PriceBook
from gateway.settings import default_policies

SOURCE = default_policies() / "default.yaml"
PLACES = {
    "qwen3-32b": "http://127.0.0.1:1001",
    "claude-sonnet": "http://127.0.0.1:1002",
    "gpt-5": "http://127.0.0.1:1003",
}


@pytest.fixture
def document():
    return json.loads(demo_policy(SOURCE, PLACES, {"qwen3-32b": "my/model"}))


def test_it_compiles(document):
    snapshot = compile_documents([("demo.yaml", json.dumps(document))], PriceBook.load_bundled())

    assert set(snapshot.targets) == set(PLACES)
    assert snapshot.targets["qwen3-32b"].places == ("http://127.0.0.1:1001",)
    assert snapshot.targets["gpt-5"].places == ("http://127.0.0.1:1003/v1",)
    assert snapshot.targets["claude-sonnet"].places == ("http://127.0.0.1:1002",)


def test_a_server_that_has_another_model_is_asked_for_it(document):
    models = {target["id"]: target["model"] for target in document["targets"]}
    shipped = {target["id"]: target["model"] for target in yaml.safe_load(SOURCE.read_text())["targets"]}

    assert models == shipped | {"qwen3-32b": "my/model"}


def test_budgets_run_out_and_the_rollout_shows_while_one_watches(document):
    budgets = {team["id"]: team["budget"]["usd"] for team in document["teams"] if "budget" in team}

    assert budgets == BUDGETS
    assert {rollout["percent"] for rollout in document["rollouts"]} == {ROLLOUT_PERCENT}


def test_everything_else_is_as_shipped(document):
    shipped = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    changed = {"targets", "teams", "rollouts", "cases"}

    assert {key: document[key] for key in document if key not in changed} == {
        key: shipped[key] for key in shipped if key not in changed
    }
    assert "cases" not in document


def test_a_target_that_is_not_named_keeps_its_own_place():
    document = json.loads(demo_policy(SOURCE, {}, {}))

    assert document["targets"] == yaml.safe_load(SOURCE.read_text(encoding="utf-8"))["targets"]
