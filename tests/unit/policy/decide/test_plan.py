"""Calls that are alike share a plan; what policy may look at in one of them is never shared with another."""

from support.fakes import closed, local
from support.fakes import policy as known_policy
from support.replacing import replace

from gateway.domain.facts import Facts
from gateway.domain.label import Category, DataClass, Label, Part
from gateway.policy.decide.evaluate import decide
from gateway.policy.decide.plan import LONGEST, MOST
from gateway.policy.rules import HARD_ORDER, Bid
from gateway.policy.snapshot import _ALIKE, PolicySnapshot

INTERNAL, CONFIDENTIAL = Label(DataClass.INTERNAL), Label(DataClass.CONFIDENTIAL)
MAIL = Part("email", CONFIDENTIAL)
TRIAL = {
    "id": "trial", "owner": "ann", "reason": "r", "teams": ["t"], "from": "2026-11-01", "until": "2026-12-01",
    "targets": ["away"], "max": "confidential",
}  # fmt: skip


def policy(**changes) -> PolicySnapshot:
    """A policy by which nothing was decided yet."""
    snapshot = known_policy(**changes)
    snapshot.plans.clear()
    return snapshot


def facts(**more) -> Facts:
    return replace(Facts(team="t", key="k", model="auto", dialect="openai.chat"), **more)


def ranked(snapshot, seen) -> set[str]:
    return {one.target for one in decide(snapshot, seen).ranked}


def both(snapshot, one, other) -> tuple[set[str], set[str]]:
    """What is permitted to two calls, the second decided right after the first."""
    return ranked(snapshot, one), ranked(snapshot, other)


def test_calls_that_differ_in_size_money_and_person_share_a_plan():
    snapshot = policy(rules=[{"kind": "max_cost", "usd": 1.0}, {"kind": "capability"}])

    for number in range(5):
        decide(snapshot, facts(input_tokens=number, user=f"u{number}", budget_left_nanos=number, max_tokens=number))

    assert len(snapshot.plans) == 1


def test_a_shared_plan_still_looks_at_the_size_of_each_call():
    snapshot = policy(rules=[{"kind": "capability"}])
    assert both(snapshot, facts(), facts(input_tokens=10**9)) == ({"home", "away"}, set())


def test_a_more_sensitive_call_has_a_plan_of_its_own():
    assert both(policy(), facts(), facts(label=CONFIDENTIAL)) == ({"home", "away"}, {"home"})


def test_a_call_of_another_team_has_a_plan_of_its_own():
    rules = [{"kind": "deny", "zones": ["closed"], "when": "team == 't'"}]
    teams = [{"id": "t", "default_class": "public"}, {"id": "u", "default_class": "public"}]
    assert both(policy(rules=rules, teams=teams), facts(team="u"), facts()) == ({"home", "away"}, {"home"})


def test_a_call_of_another_task_has_a_plan_of_its_own():
    targets = [local("home", quality={"default": 0.9, "code": 0.1}), closed("away", quality={"default": 0.9})]
    snapshot = policy(targets=targets, rules=[{"kind": "quality_floor", "min": 0.5}])
    assert both(snapshot, facts(), facts(task="code")) == ({"home", "away"}, {"away"})


def test_a_call_that_holds_an_exception_has_a_plan_of_its_own():
    snapshot = policy(exceptions=[TRIAL])
    held = facts(label=CONFIDENTIAL, exceptions=("trial",))
    assert both(snapshot, held, facts(label=CONFIDENTIAL)) == ({"home", "away"}, {"home"})


def test_calls_whose_label_masking_lifts_share_no_plan_with_those_whose_it_does_not():
    away = closed("away", clearance={"max": "internal", "mask": ["email"]})
    snapshot = policy(targets=[local("home"), away])
    lifted = facts(label=CONFIDENTIAL, parts=(MAIL,))
    assert both(snapshot, lifted, replace(lifted, floor=CONFIDENTIAL)) == ({"home", "away"}, {"home"})
    assert ranked(snapshot, replace(lifted, parts=())) == {"home"}


def test_a_call_with_a_sealed_block_has_a_plan_of_its_own():
    assert both(policy(), facts(), facts(sealed=("elsewhere",))) == ({"home", "away"}, {"home"})


def test_where_in_a_conversation_something_was_found_needs_no_plan_of_its_own():
    snapshot = policy()
    for turn in range(5):
        decide(snapshot, facts(label=CONFIDENTIAL, parts=(replace(MAIL, turn=turn),)))
    assert len(snapshot.plans) == 1


def test_what_a_condition_reads_is_part_of_a_plan_only_if_one_reads_it():
    reading = policy(rules=[{"kind": "quality_floor", "min": 0.0, "when": "hour > 12"}])
    for snapshot in (reading, policy()):
        for hour in (1, 2, 13):
            decide(snapshot, facts(hour=hour))
    assert len(reading.plans) == 3


def test_a_condition_that_cannot_be_evaluated_refuses_and_one_of_an_order_raises_an_alarm():
    failing = "1 / hour > 0"
    floor = {"kind": "quality_floor", "min": 0.0, "when": failing}
    targets = [local("home", quality={"default": 1.0}), closed("away", quality={"default": 1.0})]
    snapshot = policy(targets=targets, rules=[floor, {"kind": "prefer", "by": "cost", "when": failing}])

    for _ in range(2):
        decision = decide(snapshot, facts(hour=0))
        assert ({one.rule for one in decision.dropped}, decision.alarms) == ({"quality_floor"}, ("prefer",))
        assert ranked(snapshot, facts(hour=1)) == {"home", "away"}


def test_plans_are_bounded_and_a_long_name_of_a_caller_is_not_kept():
    snapshot = policy()
    for number in range(MOST + 10):
        decide(snapshot, facts(task=f"task-{number}"))
    decide(snapshot, facts(task="x" * (LONGEST + 1)))

    assert len(snapshot.plans) == 10
    assert not any("x" * LONGEST in str(likeness) for likeness in snapshot.plans)


def test_calls_with_other_categories_have_plans_of_their_own():
    away = closed("away", clearance={"max": "internal", "forbid": ["hr"]})
    snapshot = policy(targets=[local("home"), away])
    legal, hr = (Label(DataClass.INTERNAL, frozenset({one})) for one in (Category.LEGAL, Category.HR))
    assert both(snapshot, facts(label=legal), facts(label=hr)) == ({"home", "away"}, {"home"})


class Watched:
    """Facts that note which of their fields are read."""

    def __init__(self, seen: Facts, read: set[str]) -> None:
        self._seen, self._read = seen, read

    def __getattr__(self, name):
        self._read.add(name)
        return getattr(self._seen, name)


def test_a_rule_whose_answer_is_shared_reads_nothing_that_plans_are_not_kept_by():
    rules = [
        {"kind": "license", "deny": ["forbidden"]},
        {"kind": "residency", "regions": ["eu"]},
        {"kind": "allow", "targets": ["*"]},
        {"kind": "deny", "kinds": ["anthropic"]},
        {"kind": "quality_floor", "min": 0.5},
    ]
    away = closed("away", clearance={"max": "internal", "mask": ["email"]})
    snapshot = policy(targets=[local("home"), away], rules=rules, exceptions=[TRIAL])
    shared = [hard.rule for hard in snapshot.hard if hard.rule.shared]
    read: set[str] = set()

    for seen in (facts(), facts(label=CONFIDENTIAL, parts=(MAIL,), sealed=("v",), exceptions=("trial",))):
        for seen_now in (seen, replace(seen, sealed=()), replace(seen, parts=())):
            for target in snapshot.targets.values():
                bid = Bid(target, None, None, target.quality_for(seen.task), None)  # type: ignore[arg-type]
                for rule in shared:
                    rule.refusal(bid, Watched(seen_now, read), snapshot.teams["t"])

    assert {type(rule) for rule in shared} == {kind for kind in HARD_ORDER if kind.shared}
    assert read <= {*_ALIKE, "parts", "residual"}
