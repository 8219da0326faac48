from typing import ClassVar

import pytest

from gateway.domain.label import DataClass
from gateway.policy.decide.hard_rules import visible_models
from gateway.policy.globs import literal_length
from tests.unit.policy.conftest import closed, local


def models(*labels):
    return [{"match" if "*" in label else "name": label, "candidates": ["home"]} for label in labels]


class TestModelFor:
    def test_an_exact_name_wins_over_a_pattern(self, make):
        snapshot = make(models=models("gpt-*", "gpt-5"))

        assert snapshot.model_for("gpt-5").name == "gpt-5"
        assert snapshot.model_for("gpt-6").name == "gpt-*"

    def test_the_most_specific_pattern_wins_then_the_first(self, make):
        snapshot = make(models=models("*", "gpt-*", "*-mini", "gpt-5-*"))

        assert snapshot.model_for("gpt-5-mini").name == "gpt-5-*"
        assert snapshot.model_for("o9-mini").name == "*-mini"
        assert snapshot.model_for("x").name == "*"

    def test_among_equally_specific_patterns_the_first_wins(self, make):
        assert make(models=models("a*", "*b")).model_for("ab").name == "a*"
        assert make(models=models("*b", "a*")).model_for("ab").name == "*b"

    def test_names_are_distinguished_by_case(self, make):
        assert make(models=models("gpt-*")).model_for("GPT-5") is None


@pytest.mark.parametrize(("glob", "length"), [("*", 0), ("a?c", 2), ("[ab]c*", 1), ("abc", 3)])
def test_how_specific_a_glob_is(glob, length):
    assert literal_length(glob) == length


class TestVisibleModels:
    def test_a_name_is_visible_if_some_target_may_take_the_least_sensitive_text(self, make):
        names = [{"name": name, "candidates": [target]} for name, target in (("b", "home"), ("a", "away"))]
        teams = [{"id": "t", "default_class": "public"}, {"id": "s", "default_class": "restricted"}]
        snapshot = make(models=[*names, {"match": "x*", "candidates": ["home"]}], teams=teams)

        assert visible_models(snapshot, "t") == ["a", "b"]
        assert visible_models(snapshot, "s") == ["b"]
        assert visible_models(snapshot, "nobody") == []

    def test_what_a_rule_takes_away_is_not_visible(self, make):
        rules = [
            {"kind": "deny", "zones": ["closed"], "when": "team == 't'"},
            {"kind": "deny", "zones": ["local"], "when": "team == 'x'", "id": "other"},
            {"kind": "capability"},
        ]

        assert visible_models(make(models=[{"name": "a", "candidates": ["away"]}], rules=rules), "t") == []

    def test_a_rule_that_fails_takes_away(self, make):
        rules = [{"kind": "deny", "zones": ["local"], "when": "categories[99] == 'pii'"}]

        assert visible_models(make(rules=rules), "t") == []

    def test_under_observation_clearance_hides_nothing(self, make):
        names = [{"name": "a", "candidates": ["away"]}]
        teams = [{"id": "t", "default_class": "restricted"}]

        assert visible_models(make(models=names, teams=teams, sensitivity={"mode": "observe"}), "t") == ["a"]


class TestTaskFor:
    TASKS: ClassVar = [
        {"id": "code", "match": {"user_agent": ["claude-cli/*", "codex*"], "team": "t"}},
        {"id": "batch", "match": {"key": "night-*"}},
        {"id": "small", "match": {"model": "*-mini"}},
    ]

    @pytest.mark.parametrize(
        ("seen", "task"),
        [
            ({"header": "mine"}, "mine"),
            ({"user_agent": "claude-cli/2"}, "code"),
            ({"user_agent": "codex"}, "code"),
            ({"user_agent": "codex", "team": "u"}, "other"),
            ({"key": "night-1"}, "batch"),
            ({"model": "gpt-mini"}, "small"),
            ({}, "other"),
        ],
    )
    def test_the_header_then_the_first_that_matches_then_other(self, make, seen, task):
        given = {"header": None, "user_agent": "", "team": "t", "model": "m", "key": "k"} | seen

        assert make(tasks=self.TASKS).task_for(**given) == task


class TestHash:
    def test_order_comments_and_checks_do_not_change_it(self, make):
        base = {"targets": [local("home"), closed("away")], "rules": [{"kind": "capability"}, {"kind": "budget"}]}
        other = {
            "targets": [closed("away"), local("home")],
            "rules": [{"kind": "budget"}, {"kind": "capability"}],
            "cases": [{"name": "c", "given": {"model": "auto"}, "expect": {"zone": "local"}}],
            "invariants": [{"name": "i", "never": {"region": "moon"}}],
        }

        assert make(**base).hash == make(**other).hash

    @pytest.mark.parametrize(
        "change",
        [
            {"rules": [{"kind": "capability"}]},
            {"teams": [{"id": "t", "default_class": "internal"}]},
            {"sensitivity": {"on_unscannable": "confidential"}},
            {"targets": [local("home"), closed("away", price="catalog", model="gpt-5")]},
        ],
    )
    def test_what_can_change_a_decision_changes_it(self, make, change):
        assert make().hash != make(**change).hash


def test_mode_is_of_the_team_else_the_default(make):
    spec = make(sensitivity={"mode": {"default": "observe", "teams": {"t": "enforce"}}}).sensitivity

    assert (spec.mode_for("t"), spec.mode_for("u")) == ("enforce", "observe")
    assert spec.on_unscannable is DataClass.RESTRICTED
