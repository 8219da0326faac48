"""How each kind of finding may be sent to a vendor: proved, not read."""

from gateway.policy.prove.masked import found_together, masked_matrix
from tests.unit.policy.conftest import closed, local

CLEARANCE = {"max": "internal", "mask": ["email", "secret"]}
TARGETS = [local("home"), closed("away", clearance=CLEARANCE)]


def ways(snapshot, team):
    cells = [cell for cell in masked_matrix(snapshot) if cell.team == team]
    return {cell.kind: cell.way for cell in cells}


def test_each_kind_goes_as_it_is_masked_or_never(make):
    found = ways(make(targets=TARGETS), "t")

    assert found["ip_address"] == "as it is"
    assert found["email"] == found["secret"] == "masked"
    assert found["credit_card"] == found["iban"] == "never"


def test_for_a_team_that_masks_all_nothing_stays_that_has_a_place(make):
    found = ways(make(targets=TARGETS, teams=[{"id": "t", "default_class": "internal", "mask": "all"}]), "t")

    assert set(found.values()) == {"as it is", "masked"}


def test_a_rule_that_keeps_the_label_keeps_it_masked_too(make):
    rules = [{"kind": "deny", "zones": ["closed"], "when": "'secret' in categories"}]
    (cell,) = [one for one in masked_matrix(make(targets=TARGETS, rules=rules)) if one.kind == "secret"]

    assert (cell.way, cell.rule) == ("never", "deny")


def test_findings_that_nobody_masks_are_not_tried_alone(make):
    kinds = [[part.kind for part in parts] for parts in found_together(make(targets=TARGETS), lambda _: None)]

    assert ["email"] in kinds
    assert ["credit_card"] not in kinds
    assert ["credit_card", "email"] in kinds
    assert found_together(make(), lambda _: None) == []


def test_a_picture_goes_as_its_team_has_it(make):
    teams = [
        {"id": "t", "default_class": "internal"},
        {"id": "u", "default_class": "internal", "on_unscannable": {"image": "internal"}},
        {"id": "v", "default_class": "internal", "mask": "all"},
    ]
    snapshot = make(targets=TARGETS, teams=teams)

    assert [ways(snapshot, team)["image"] for team in "tuv"] == ["never", "as it is", "masked"]
    assert [ways(snapshot, team)["pdf"] for team in "tuv"] == ["never", "never", "masked"]
