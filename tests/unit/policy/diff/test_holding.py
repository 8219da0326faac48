"""Which changes wait to be accepted: what widens, but not a new team within reach, and not a bounded exception."""

import copy

import pytest
import yaml

from gateway.policy.diff.compare import compare, side_of
from gateway.policy.diff.holding import held_changes, summary
from tests.unit.policy.conftest import closed, local
from tests.unit.policy.diff.conftest import DEFAULTS

BASE = {
    "version": 1,
    "targets": [local("home"), closed("away", clearance={"max": "internal", "forbid": ["pci"], "mask": ["email"]})],
    "models": [{"name": "auto", "candidates": ["home", "away"]}],
    "teams": [{"id": "t", "default_class": "internal"}, {"id": "shut", "default_class": "confidential"}],
    "rules": [{"kind": "deny", "zones": ["closed"], "when": "team == 'shut'"}],
    "invariants": [{"name": "i", "for": {"team": "shut", "class": "restricted"}, "never": {"zone": "closed"}}],
}


def held(book, change):
    data = copy.deepcopy(BASE)
    change(data)
    old, new = (side_of([("p.yaml", yaml.safe_dump(one))], book) for one in (BASE, data))
    return held_changes(compare(old, new, DEFAULTS), old.snapshot, new.snapshot)


def clearance(data, **more):
    data["targets"][1]["clearance"] |= more


WAITS = {
    "a higher clearance": lambda data: clearance(data, max="confidential"),
    "a category allowed": lambda data: clearance(data, forbid=[]),
    "another kind masked": lambda data: clearance(data, mask=["email", "secret"]),
    "no rules, as in a file that is half written": lambda data: data.pop("rules"),
    "no invariants": lambda data: data.pop("invariants"),
    "a detector switched off": lambda data: data.update(
        sensitivity={"detectors": [{"kind": "iban", "enabled": False}]}
    ),
    "a team that masks all": lambda data: data["teams"].append({"id": "n", "default_class": "internal", "mask": "all"}),
    "a team beyond the reach of all": lambda data: data["teams"].append(
        {"id": "n", "default_class": "public", "on_unscannable": {"image": "internal"}}
    ),
    "observe": lambda data: data.update(sensitivity={"mode": {"teams": {"t": "observe"}}}),
}
GOES = {
    "a new team within reach": lambda data: data["teams"].append({"id": "n", "default_class": "internal"}),
    "a stricter clearance": lambda data: clearance(data, max="public"),
    "one more rule": lambda data: data["rules"].append({"kind": "deny", "id": "d", "zones": ["closed"]}),
    "another price": lambda data: data["targets"][1].update(price={"input_per_mtok_usd": 9, "output_per_mtok_usd": 9}),
    "an exception": lambda data: data.update(
        exceptions=[
            {
                "id": "pilot",
                "owner": "ann",
                "reason": "pilot",
                "teams": ["t"],
                "targets": ["away"],
                "from": "2026-11-01",
                "until": "2026-12-01",
                "max": "confidential",
            }
        ]
    ),
    "nothing": lambda data: None,
}


def excused(*kinds, values=()):
    one = {
        "id": "leave",
        "owner": "ann",
        "reason": "noise",
        "teams": ["t"],
        "from": "2026-11-01",
        "until": "2026-12-01",
    }
    return lambda data: data.update(exceptions=[one | {"detectors": list(kinds), "values": list(values)}])


class TestExceptionsThatExcuseFindings:
    def test_every_secret_waits_for_restricted_data_could_be_sent(self, book):
        assert held(book, excused("email", "secret"))

    def test_named_values_go_at_once(self, book):
        assert held(book, excused("secret", values=["salt:" + "0" * 32])) == ()

    def test_kinds_that_are_not_restricted_go_at_once(self, book):
        assert held(book, excused("email")) == ()


@pytest.mark.parametrize("change", WAITS.values(), ids=WAITS)
def test_what_widens_waits(book, change):
    assert held(book, change)


@pytest.mark.parametrize("change", GOES.values(), ids=GOES)
def test_what_does_not_goes_at_once(book, change):
    assert held(book, change) == ()


def test_the_summary_names_the_first_change_with_its_place_and_counts_the_rest(book):
    changes = held(book, lambda data: (data.pop("rules"), clearance(data, max="confidential")))

    assert summary(changes[:1]).endswith(")")
    assert "p.yaml:" in summary(changes)
    assert f"and {len(changes) - 1} more" in summary(changes)
