from typing import ClassVar

import pytest

from gateway.policy.load.errors import PolicyErrors
from tests.unit.policy.conftest import closed, local


def broken(make, invariant, **changes):
    """Return the counterexample; None if the invariant holds."""
    try:
        make(invariants=[{"name": "i", **invariant}], **changes)
    except PolicyErrors as errors:
        return errors.errors[0].problem
    return None


def test_clearance_proves_that_what_is_restricted_stays(make):
    assert broken(make, {"for": {"class": "restricted"}, "never": {"zone": "closed"}}) is None


def test_a_counterexample_is_a_request(make):
    problem = broken(make, {"for": {"team": "t"}, "never": {"zone": "closed"}})

    assert problem == "`i` does not hold: team t, model auto, public data may be sent to away"


def test_a_category_is_reported_in_the_counterexample(make):
    problem = broken(make, {"for": {"category": "pci", "class": "internal"}, "never": {"target": "a*"}})

    assert problem == "`i` does not hold: team t, model auto, internal data (pci) may be sent to away"


def test_failovers_and_rollouts_count(make):
    models = [{"name": "auto", "incumbent": "home"}]
    rollouts = [{"id": "r", "model": "auto", "to": "away", "percent": 0}]

    assert broken(make, {"never": {"zone": "closed"}}, models=models) is None
    assert broken(make, {"never": {"zone": "closed"}}, models=models, rollouts=rollouts)


def test_always_is_about_every_target_that_may_serve(make):
    targets = [local("home", region="eu"), closed("away", region="us")]

    assert broken(make, {"always": {"region": "eu"}}, targets=targets)
    assert broken(make, {"always": {"region": ["eu", "us"]}}, targets=targets) is None
    assert broken(make, {"for": {"class": "restricted"}, "always": {"region": "eu"}}, targets=targets) is None


def test_a_team_that_is_not_there_yet_is_tried(make):
    rules = [{"kind": "deny", "zones": ["closed"], "when": "team == 'legal'"}]
    invariant = {"for": {"team": "legal"}, "never": {"zone": "closed"}}

    assert broken(make, invariant, rules=rules) is None
    assert "team legal" in broken(make, invariant)


def test_conditions_on_categories_are_proved_over_every_set(make):
    rules = [{"kind": "deny", "zones": ["closed"], "when": "size(categories) != 3"}]

    problem = broken(make, {"never": {"zone": "closed"}}, rules=rules)

    assert "export, hr, legal" in problem


@pytest.mark.parametrize("when", ["key == 'k'", "key != 'k'"])
def test_what_is_not_tried_proves_nothing(make, when):
    rules = [{"kind": "deny", "zones": ["closed"], "when": when}]

    assert broken(make, {"never": {"zone": "closed"}}, rules=rules)


def test_a_rule_whose_condition_fails_keeps(make):
    rules = [{"kind": "deny", "zones": ["closed"], "when": "categories[7] == 'hr' || true || categories[7] == 'x'"}]
    failing = [{"kind": "deny", "zones": ["closed"], "when": "categories[8] == 'hr'"}]

    assert broken(make, {"never": {"zone": "closed"}}, rules=rules) is None
    assert broken(make, {"never": {"zone": "closed"}}, rules=failing) is None


def test_under_observation_clearance_proves_nothing(make):
    invariant = {"for": {"class": "restricted"}, "never": {"zone": "closed"}}

    assert broken(make, invariant, sensitivity={"mode": "observe"})


class TestTasks:
    FLOOR: ClassVar = {"kind": "quality_floor", "min": 0.8}
    TARGETS: ClassVar = [local("home", quality={"default": 0.9, "code": 0.5}), closed("away", quality={"default": 0.9})]

    def test_a_floor_proves_for_the_task_that_is_named(self, make):
        invariant = {"for": {"task": "code"}, "never": {"target": "home"}}
        floor = self.FLOOR | {"when": "task == 'code'"}

        assert broken(make, invariant, targets=self.TARGETS, rules=[floor]) is None
        assert broken(make, invariant, targets=self.TARGETS, rules=[self.FLOOR]) is None
        assert "task code" in broken(make, invariant, targets=self.TARGETS)

    def test_but_not_for_tasks_that_callers_may_invent(self, make):
        floor = self.FLOOR | {"when": "task != 'chat'", "min": 1}

        assert broken(make, {"never": {"zone": "local"}}, targets=self.TARGETS, rules=[floor])
        assert broken(make, {"for": {"task": "c*"}, "never": {"zone": "local"}}, targets=self.TARGETS, rules=[floor])

    def test_a_model_of_an_exact_name_is_tried_one_of_a_pattern_is_not(self, make):
        floor = {"kind": "quality_floor", "min": 1, "when": "model == 'auto'"}
        invariant = {"never": {"zone": "local"}}
        exact = [{"name": "auto", "candidates": ["home"]}]
        pattern = [{"match": "aut*", "candidates": ["home"]}]

        assert broken(make, invariant, models=exact, rules=[floor]) is None
        assert broken(make, invariant, models=pattern, rules=[floor])


MASKING = [local("home"), closed("away", clearance={"max": "internal", "mask": ["email", "secret"]})]


def test_an_invariant_is_about_masked_requests_too(make):
    problem = broken(make, {"for": {"class": "restricted"}, "never": {"zone": "closed"}}, targets=MASKING)

    assert problem.endswith("restricted data (secret) may be sent to away with secret masked")


def test_unless_it_says_that_it_is_not(make):
    restricted = {"for": {"class": "restricted"}, "never": {"zone": "closed"}}

    assert broken(make, restricted | {"unless": "masked"}, targets=MASKING) is None
    assert broken(make, restricted | {"unless": {"masked": {"team": "t"}}}, targets=MASKING) is None
    assert broken(make, restricted | {"unless": {"masked": {"team": "x"}}}, targets=MASKING)


def test_findings_are_named_by_their_kind(make):
    never = {"never": {"zone": "closed"}}

    assert broken(make, {"for": {"finding": ["iban", "credit_card"]}, **never}, targets=MASKING) is None
    assert broken(make, {"for": {"finding": "email"}, **never}, targets=MASKING)
    assert broken(make, {"for": {"finding": "email"}, **never, "unless": "masked"}, targets=MASKING) is None
    assert broken(make, {"for": {"finding": "ip_address"}, **never, "unless": "masked"}, targets=MASKING)


def test_a_class_and_a_category_may_come_from_two_findings(make):
    scope = {"for": {"class": "restricted", "category": "pii", "finding": "email"}}

    problem = broken(make, {**scope, "never": {"zone": "closed"}}, targets=MASKING)

    assert problem.endswith("may be sent to away with email and secret masked")


def test_a_likely_finding_is_none_that_an_invariant_names(make):
    sensitivity = {"detectors": [{"kind": "credit_card", "likely": {"class": "internal"}}]}

    scope = {"for": {"finding": "credit_card"}, "never": {"zone": "closed"}}
    assert broken(make, scope, targets=MASKING, sensitivity=sensitivity) is None
