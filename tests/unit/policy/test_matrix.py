from gateway.domain.label import Category, DataClass
from gateway.policy.matrix import category_sets, egress_matrix, not_monotone
from tests.unit.policy.conftest import closed, local


def fate(snapshot, level, *categories):
    return next(
        cell.rule
        for cell in egress_matrix(snapshot)
        if cell.data_class is level and cell.categories == frozenset(categories)
    )


def test_it_tells_which_rule_keeps_a_label_from_leaving(make):
    targets = [local("home"), closed("away", clearance={"max": "internal", "forbid": ["pci"]})]
    rules = [{"id": "no-hr", "kind": "deny", "zones": ["closed"], "when": "'hr' in categories"}]
    snapshot = make(targets=targets, rules=rules)

    assert fate(snapshot, DataClass.INTERNAL) is None
    assert fate(snapshot, DataClass.CONFIDENTIAL) == "clearance"
    assert fate(snapshot, DataClass.PUBLIC, Category.PCI) == "clearance"
    assert fate(snapshot, DataClass.PUBLIC, Category.HR) == "no-hr"
    assert {cell.target for cell in egress_matrix(snapshot)} == {"away"}


def test_rules_that_a_caller_can_talk_its_way_around_keep_nothing(make):
    snapshot = make(rules=[{"kind": "quality_floor", "min": 1}, {"kind": "capability"}])

    assert fate(snapshot, DataClass.INTERNAL) is None


def test_a_team_that_is_only_observed_keeps_nothing(make):
    assert fate(make(sensitivity={"mode": "observe"}), DataClass.RESTRICTED) is None


def test_every_set_of_categories_is_tried_as_soon_as_a_condition_looks_at_them(make):
    plain = make()
    looking = make(rules=[{"kind": "deny", "zones": ["closed"], "when": "size(categories) == 2"}])

    assert len(category_sets(plain)) == len(Category) + 2
    assert len(category_sets(looking)) == 2 ** len(Category)


def test_a_level_that_may_leave_although_a_lower_one_may_not_is_found(make):
    odd = make(rules=[{"kind": "deny", "zones": ["closed"], "when": "data_class == PUBLIC"}])

    assert not_monotone(make()) == []
    assert not_monotone(odd) == [("t", "away", DataClass.INTERNAL)]
    assert any("but not all that is less sensitive" in notice.text for notice in odd.notices)
