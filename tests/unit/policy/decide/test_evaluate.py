import pytest

from gateway.domain.errors import ModelNotFound
from gateway.domain.label import Category, DataClass
from gateway.policy.decide.evaluate import decide
from gateway.policy.replay.replay import from_canonical
from tests.unit.policy.conftest import closed, local

FREE = [{"name": "auto", "candidates": ["home", "away"]}]
HELD = [{"name": "auto", "incumbent": "away", "candidates": ["home"]}]
NEVER = [{"name": "auto", "incumbent": "away", "substitution": "never"}]


def moved(percent, **more):
    return [{"id": "move", "model": "auto", "to": "home", "percent": percent} | more]


def first(decision):
    return decision.ranked[0].target if decision.ranked else None


def test_an_unknown_model_is_reported(make, facts):
    with pytest.raises(ModelNotFound, match="no model `nope`"):
        decide(make(), facts(model="nope"))


class TestFree:
    def test_the_first_ordering_rule_that_tells_two_apart_decides(self, make, facts):
        targets = [local("home", quality={"default": 0.5}), closed("away", quality={"default": 0.5})]
        rules = [{"kind": "prefer", "by": "quality", "id": "q"}, {"kind": "prefer", "by": "cost", "id": "c"}]

        decision = decide(make(targets=targets, models=FREE, rules=rules), facts())

        assert (first(decision), decision.reason, decision.rule) == ("home", "cost", "c")

    @pytest.mark.parametrize(
        ("rule", "winner"),
        [
            ({"by": "cost"}, "home"),
            ({"by": "quality"}, "away"),
            ({"by": "order", "order": ["away"]}, "away"),
            ({"by": "latency"}, "home"),
        ],
    )
    def test_each_way_of_preferring_is_the_reason_of_its_choice(self, make, facts, rule, winner):
        targets = [local("home"), closed("away", quality={"default": 0.9})]
        snapshot = make(targets=targets, rules=[{"kind": "prefer", **rule}])

        decision = decide(snapshot, facts(latency_ms=(("away", 900), ("home", 200))))

        assert (first(decision), decision.reason, decision.rule) == (winner, rule["by"], "prefer")
        assert snapshot.orders_by_latency == (rule["by"] == "latency")

    def test_a_target_without_recent_latency_is_tried(self, make, facts):
        decision = decide(make(rules=[{"kind": "prefer", "by": "latency"}]), facts(latency_ms=(("home", 5),)))

        assert first(decision) == "away"

    def test_without_ordering_rules_the_id_decides(self, make, facts):
        decision = decide(make(), facts())

        assert (first(decision), decision.reason, decision.rule) == ("away", "order", "target_id")

    def test_one_candidate_is_the_only_one(self, make, facts):
        decision = decide(make(models=[{"name": "auto", "candidates": ["home"]}]), facts())

        assert (decision.reason, decision.rule) == ("only_candidate", "")

    def test_an_ordering_rule_that_does_not_hold_does_not_order(self, make, facts):
        rules = [{"kind": "prefer", "by": "cost", "when": "team == 'x'"}]

        assert decide(make(rules=rules), facts()).rule == "target_id"

    def test_an_ordering_rule_that_fails_is_skipped_and_reported(self, make, facts):
        rules = [{"id": "odd", "kind": "prefer", "by": "cost", "when": "categories[99] == 'pii'"}]

        decision = decide(make(rules=rules), facts())

        assert (decision.rule, decision.alarms) == ("target_id", ("odd",))

    def test_why_the_would_be_first_was_not_taken_is_the_reason(self, make, facts):
        rules = [{"kind": "prefer", "by": "order", "order": ["away", "home"]}]

        decision = decide(make(rules=rules), facts(DataClass.RESTRICTED))

        assert (first(decision), decision.reason, decision.rule) == ("home", "sensitivity", "clearance")

    def test_a_drop_of_another_candidate_is_not_the_reason(self, make, facts):
        rules = [{"kind": "prefer", "by": "order", "order": ["home", "away"]}]

        decision = decide(make(rules=rules), facts(DataClass.RESTRICTED))

        assert (first(decision), decision.reason) == ("home", "order")


class TestWithRollout:
    def test_the_incumbent_stays_first_whatever_the_order(self, make, facts):
        decision = decide(make(models=HELD, rules=[{"kind": "prefer", "by": "cost"}]), facts())

        assert [ranked.target for ranked in decision.ranked] == ["away", "home"]
        assert (decision.reason, decision.rule) == ("order", "incumbent")

    def test_callers_in_the_share_move(self, make, facts):
        decision = decide(make(models=HELD, rollouts=moved(100)), facts())

        assert [ranked.target for ranked in decision.ranked] == ["home", "away"]
        assert (decision.reason, decision.rule, decision.rollout) == ("rollout", "move", "move")

    def test_callers_outside_of_the_share_do_not(self, make, facts):
        decision = decide(make(models=HELD, rollouts=moved(0)), facts())

        assert (first(decision), decision.rollout) == ("away", "")

    def test_the_first_rollout_whose_condition_holds_counts(self, make, facts):
        rollouts = [*moved(100, when="team == 'x'"), *moved(0, id="second"), *moved(100, id="third")]

        assert first(decide(make(models=HELD, rollouts=rollouts), facts())) == "away"

    def test_a_rollout_that_fails_moves_nobody_and_is_reported(self, make, facts):
        rollouts = moved(100, when="categories[99] == 'pii'")

        decision = decide(make(models=HELD, rollouts=rollouts), facts())

        assert (first(decision), decision.alarms) == ("away", ("move",))

    def test_its_target_need_not_be_a_candidate(self, make, facts):
        models = [{"name": "auto", "incumbent": "away"}]

        inside = decide(make(models=models, rollouts=moved(100)), facts())
        outside = decide(make(models=models, rollouts=moved(0)), facts())

        assert [ranked.target for ranked in inside.ranked] == ["home", "away"]
        assert [ranked.target for ranked in outside.ranked] == ["away"]

    def test_if_a_hard_rule_drops_the_incumbent_the_next_allowed_takes_over(self, make, facts):
        decision = decide(make(models=HELD), facts(DataClass.RESTRICTED))

        assert (first(decision), decision.reason, decision.rule) == ("home", "sensitivity", "clearance")

    def test_if_a_hard_rule_drops_the_rollouts_target_the_incumbent_takes_over(self, make, facts):
        targets = [
            local("home"),
            closed("away"),
            local("cheap", price={"input_per_mtok_usd": 0, "output_per_mtok_usd": 0}),
        ]
        models = [{"name": "auto", "incumbent": "away", "candidates": ["home", "cheap"]}]
        rules = [{"kind": "deny", "targets": ["home"]}, {"kind": "prefer", "by": "cost"}]

        decision = decide(make(targets=targets, models=models, rollouts=moved(100), rules=rules), facts())

        assert [ranked.target for ranked in decision.ranked] == ["away", "cheap"]
        assert (decision.reason, decision.rule, decision.rollout) == ("policy", "deny", "")


class TestNever:
    def test_it_is_the_incumbent(self, make, facts):
        assert first(decide(make(models=NEVER), facts())) == "away"

    def test_or_nothing(self, make, facts):
        decision = decide(make(models=NEVER), facts(DataClass.RESTRICTED))

        assert (decision.ranked, decision.reason, decision.rule) == ((), None, "clearance")
        assert [dropped.target for dropped in decision.dropped] == ["away"]


class TestObserve:
    def test_what_would_be_dropped_is_reported_and_not_dropped(self, make, facts):
        snapshot = make(sensitivity={"mode": {"default": "enforce", "teams": {"t": "observe"}}})

        decision = decide(snapshot, facts(DataClass.RESTRICTED))

        assert [ranked.target for ranked in decision.ranked] == ["away", "home"]
        assert [(drop.target, drop.rule) for drop in decision.would_drop] == [("away", "clearance")]

    def test_other_rules_still_drop(self, make, facts):
        snapshot = make(sensitivity={"mode": "observe"}, rules=[{"kind": "deny", "zones": ["closed"]}])

        decision = decide(snapshot, facts(DataClass.RESTRICTED))

        assert [drop.rule for drop in decision.dropped] == ["deny"]
        assert [drop.rule for drop in decision.would_drop] == ["clearance"]


def test_where_several_rules_drop_the_first_by_reason_then_kind_then_id_is_reported(make, facts):
    targets = [local("home"), closed("away", license={"id": "x", "commercial_use": "forbidden"})]
    rules = [
        {"kind": "max_cost", "usd": 0},
        {"kind": "deny", "zones": ["closed"], "id": "b"},
        {"kind": "deny", "zones": ["closed"], "id": "a"},
        {"kind": "quality_floor", "min": 0.5},
    ]
    drops = []
    for extra in ([], [{"kind": "license", "deny": ["forbidden"]}]):
        decision = decide(make(targets=targets, rules=rules + extra), facts())
        drops.append({drop.target: drop.rule for drop in decision.dropped})

    assert drops == [{"away": "a", "home": "quality_floor"}, {"away": "license", "home": "quality_floor"}]


def test_a_hard_rule_whose_condition_fails_drops_what_it_could_have_dropped(make, facts):
    rules = [{"kind": "deny", "zones": ["local"], "when": "categories[99] == 'pii'", "why": "no"}]

    decision = decide(make(rules=rules), facts())

    assert decision.ranked == ()
    assert {drop.detail for drop in decision.dropped} == {"the rule's condition could not be evaluated"}
    assert {drop.why for drop in decision.dropped} == {"no"}


def test_a_condition_is_evaluated_once_a_request_and_only_if_needed(make, facts):
    seen = []

    class Counting:
        text, uses = "team == 't'", frozenset({"team"})

        def holds(self, facts):
            seen.append(facts)
            return True

    rules = [
        {"kind": "deny", "targets": ["home"], "when": "team == 't'", "id": "a"},
        {"kind": "deny", "targets": ["home"], "when": "team == 't'", "id": "b"},
    ]
    snapshot = make(rules=rules)
    for hard in snapshot.hard:
        if hard.when is not None:
            object.__setattr__(hard, "when", Counting())

    decide(snapshot, facts())

    assert len(seen) == 1


def test_a_replayed_policy_is_the_same_policy(contract, facts):
    again = from_canonical(contract.canonical)
    asked = facts(DataClass.INTERNAL, (Category.PII,), team="support", model="claude-x", session="s")

    assert again == contract
    assert decide(again, asked).canonical() == decide(contract, asked).canonical()


def test_the_decision_names_policy_facts_and_what_each_target_would_cost(contract, facts):
    decision = decide(contract, facts(team="support", max_tokens=10))

    assert (decision.policy, decision.model) == (contract.hash, "auto")
    assert len(decision.facts) == 16
    claude = next(ranked for ranked in decision.ranked if ranked.target == "claude-sonnet")
    assert claude.expected_nanos == 100 * 3000 + 10 * 15000
    assert claude.hold_nanos == 400 * 6000 + 10 * 15000
