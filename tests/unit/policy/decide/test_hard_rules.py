"""One evaluator of hard rules: conditions that fail refuse, observe mode records and lets pass."""

from support.fakes import closed, local, policy

from gateway.domain.facts import Facts
from gateway.domain.label import Category, DataClass, Label
from gateway.policy.decide.hard_rules import UNKNOWN, HardRules, bid_for, first_certain_refusal

SECRET = Label(DataClass.RESTRICTED, frozenset({Category.PCI}))
FAILING = "categories[99] == 'pci'"
"""Valid CEL whose evaluation fails: no label has a hundred categories."""


def facts(label=Label(), **more) -> Facts:
    return Facts(team="t", key="k", model="auto", dialect="openai.chat", label=label, **more)


def first(snapshot, target, seen):
    return HardRules(snapshot, seen).first_refusal(bid_for(snapshot.targets[target], seen))


def test_clearance_refuses_listed_or_not():
    snapshot = policy(rules=[])
    assert first(snapshot, "away", facts(SECRET)).hard.rule.kind == "clearance"
    assert first(snapshot, "home", facts(SECRET)) is None


def test_a_condition_that_cannot_be_evaluated_refuses():
    snapshot = policy(rules=[{"kind": "deny", "when": FAILING, "zones": ["local"]}])
    refused = first(snapshot, "home", facts())
    assert (refused.hard.rule.kind, refused.detail) == ("deny", UNKNOWN)
    assert first_certain_refusal(snapshot, snapshot.targets["home"], facts()).rule.kind == "deny"


def test_observe_mode_records_what_clearance_would_refuse_and_nothing_else():
    rules = [{"kind": "deny", "when": "data_class == RESTRICTED", "targets": ["away"]}]
    snapshot = policy(rules=rules, sensitivity={"mode": "observe"})
    seen = facts(SECRET)
    found = list(HardRules(snapshot, seen).refusals(bid_for(snapshot.targets["away"], seen)))
    assert [(one.hard.rule.kind, one.observed) for one in found] == [("clearance", True), ("deny", False)]
    assert first(snapshot, "away", seen).hard.rule.kind == "deny"


def test_rules_on_what_callers_claim_do_not_count_for_proofs():
    rules = [{"kind": "quality_floor", "min": 0.9, "when": "task == 'code'"}]
    snapshot = policy(targets=[local("home", quality={"default": 0.5}), closed("away")], rules=rules)
    assert first(snapshot, "home", facts(task="code")) is not None
    assert first_certain_refusal(snapshot, snapshot.targets["home"], facts(task="code")) is None


def test_each_condition_is_evaluated_once():
    rules = [
        {"id": one, "kind": "deny", "when": "team == 'x'", "targets": ["away"]} for one in ("first", "second", "third")
    ]
    snapshot, verdicts = policy(rules=rules), {}
    HardRules(snapshot, facts(), verdicts).first_refusal(bid_for(snapshot.targets["home"], facts()))
    assert verdicts == {"team == 'x'": False}
