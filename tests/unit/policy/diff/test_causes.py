import pytest

from gateway.policy.diff.causes import causes
from gateway.policy.diff.edits import edits_between
from gateway.policy.diff.form import form_of
from gateway.policy.diff.matrices import axes_of, difference, leaving
from tests.unit.policy.conftest import closed, local
from tests.unit.policy.diff.conftest import DEFAULTS

DENY = {"kind": "deny", "zones": ["closed"]}


def caused(old, new):
    edits = edits_between(form_of(old, DEFAULTS), form_of(new, DEFAULTS))
    axes = axes_of(old, new)
    gained = difference(leaving(new, axes), leaving(old, axes))
    return gained, {".".join(edit.path): some for edit, some in causes(gained, old, new, edits)}


def away(**more):
    return [local("home"), closed("away", **more)]


def test_the_edit_without_which_it_would_stay_is_the_cause(make):
    gained, found = caused(make(), make(targets=away(clearance="confidential", quality={"default": 0.5})))

    assert found == {"targets.away.clearance.max": gained}


def test_two_that_are_both_needed_are_both_causes(make):
    gained, found = caused(make(rules=[DENY], targets=away(clearance="public")), make())

    assert set(found) == {"rules.deny", "targets.away.clearance.max"}
    assert found["rules.deny"] == gained
    assert len(found["targets.away.clearance.max"]) < len(gained)


def test_two_of_which_each_would_do_are_both_causes(make):
    """Taking one of them back keeps nothing: either would have let it go alone."""
    held = {"id": "L", "commercial_use": "forbidden"}
    old = make(rules=[{"kind": "license", "deny": ["forbidden"]}], targets=away(license=held))
    free = away(license=held | {"commercial_use": "allowed"})
    new = make(rules=[{"kind": "license", "deny": ["conditional"]}], targets=free)

    gained, found = caused(old, new)

    assert found == {"rules.license": gained, "targets.away.license": gained}


@pytest.mark.parametrize(
    "gone", [{"teams": []}, {"targets": [local("home")], "models": [{"name": "auto", "candidates": ["home"]}]}]
)
def test_a_team_or_a_target_that_comes_is_the_cause(make, gone):
    gained, found = caused(make(**gone), make())

    assert next(iter(found.values())) == gained
    assert set(found) <= {"teams.t", "targets.away"}


def test_nothing_gained_nothing_caused(make):
    assert caused(make(), make()) == ([], {})
