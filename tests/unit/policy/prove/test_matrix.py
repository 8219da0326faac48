import pytest

from gateway.domain.label import Category, DataClass
from gateway.policy.load.errors import PolicyErrors
from gateway.policy.prove.matrix import category_sets, egress_matrix, not_monotone
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
    looking = make(rules=[{"kind": "deny", "zones": ["closed"], "when": "size(categories) >= 2"}])

    assert len(category_sets(plain)) == len(Category) + 2
    assert len(category_sets(looking)) == 2 ** len(Category)


ODD = [
    "data_class == PUBLIC",
    "categories == []",
    "size(categories) == 2",
    "'pii' in categories && !('hr' in categories)",
    "categories[1] == 'x'",
]


@pytest.mark.parametrize("when", ODD)
def test_a_policy_by_which_a_higher_label_has_more_targets_is_refused_at_its_rule(make, when):
    """The last one fails for less than two categories, and what cannot be evaluated drops."""
    rules = [{"kind": "prefer", "by": "cost"}, {"kind": "deny", "id": "odd", "zones": ["closed"], "when": when}]

    with pytest.raises(PolicyErrors, match=r"rules\[1\]: forbids .* data of team `t` at `away`, but permits") as error:
        make(rules=rules)

    assert "must not have more targets" in str(error.value)


@pytest.mark.parametrize(
    "when", ["data_class >= INTERNAL", "'hr' in categories", "size(categories) >= 2", "team == 't'"]
)
def test_rules_that_only_get_stricter_are_fine(make, when):
    assert not_monotone(make(rules=[{"kind": "deny", "zones": ["closed"], "when": when}])) == []


def test_what_an_exception_lets_leave_is_starred_and_does_not_make_the_matrix_odd(make):
    exception = {
        "id": "trial", "owner": "ann", "reason": "r", "teams": ["t"], "from": "2026-11-01", "until": "2026-12-01",
        "targets": ["away"], "max": "confidential", "categories": ["pii"],
    }  # fmt: skip
    snapshot = make(exceptions=[exception])

    starred = {(cell.data_class, cell.categories) for cell in egress_matrix(snapshot) if cell.exception == "trial"}

    assert starred == {(DataClass.CONFIDENTIAL, frozenset()), (DataClass.CONFIDENTIAL, frozenset({Category.PII}))}
    assert all(cell.rule == "clearance" for cell in egress_matrix(snapshot) if cell.exception)
