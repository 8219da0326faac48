"""What holds for all policies: the same is no change, there and back is the opposite, the matrix tells the truth."""
# ruff: noqa: E501 -- edits are read more easily unbroken

import random

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policy.diff.change import Kind
from gateway.policy.diff.compare import compare
from gateway.policy.prove.matrix import egress_matrix
from tests.unit.policy.conftest import closed, local
from tests.unit.policy.diff.conftest import BASE, DEFAULTS, diff, edited, side

LEVELS = ["public", "internal", "confidential", "restricted"]
CATEGORIES = ["pii", "phi", "pci", "secret", "source", "export", "legal", "hr"]

clearances = st.fixed_dictionaries(
    {
        "max": st.sampled_from(LEVELS),
        "forbid": st.lists(st.sampled_from(CATEGORIES), max_size=3, unique=True),
        "contracts": st.lists(st.sampled_from(["dpa", "baa", "zdr"]), max_size=2, unique=True),
    }
)
deny = st.sampled_from(
    [
        {"kind": "deny", "zones": ["closed"], "when": "team == 'a'"},
        {"kind": "deny", "zones": ["closed"], "when": "data_class >= CONFIDENTIAL"},
        {"kind": "deny", "id": "second", "kinds": ["openai"], "when": "data_class >= INTERNAL"},
        {"kind": "residency", "regions": ["eu"], "when": "team == 'b'"},
        {"kind": "quality_floor", "min": 0.5},
    ]
)


@st.composite
def policies(draw):
    vendors = draw(st.lists(st.sampled_from(["v1", "v2"]), unique=True))
    teams = draw(st.lists(st.sampled_from(["a", "b", "c"]), unique=True))
    rules = draw(st.lists(deny, max_size=3, unique_by=lambda rule: rule.get("id", rule["kind"])))
    where = {"region": draw(st.sampled_from(["us", "eu"])), "zone": "closed"}
    return {
        "version": 1,
        "targets": [local("home"), *(closed(name, clearance=draw(clearances), **where) for name in vendors)],
        "models": [{"name": "auto", "candidates": ["home", *vendors]}],
        "teams": [{"id": team, "default_class": draw(st.sampled_from(LEVELS))} for team in teams],
        "rules": rules,
        "sensitivity": {"mode": {"default": "enforce", "teams": {t: "observe" for t in teams if draw(st.booleans())}}},
    }


def policy(document):
    return side(yaml.safe_dump(document))


def matrix(one):
    """What leaves, by the matrix that `policy check` prints; a vendor elsewhere is another one."""
    return {
        (cell.team, cell.data_class.word, cell.categories, cell.target, one.snapshot.targets[cell.target].region)
        for cell in egress_matrix(one.snapshot, singles=False)
        if cell.rule is None
    }


def pairs(found, kind):
    return {
        (team, target)
        for change in found.changes
        if change.kind is kind and "(" in change.effect.label
        for team in change.effect.teams
        for target in change.effect.targets
    }


@settings(max_examples=25, deadline=None)
@given(policies())
def test_a_policy_does_not_differ_from_itself(document):
    assert diff(policy(document), policy(document)).changes == ()


@settings(max_examples=40, deadline=None)
@given(policies(), policies())
def test_what_widens_is_the_difference_of_the_matrices_and_the_way_back_narrows(first, second):
    old, new = policy(first), policy(second)

    there, back = diff(old, new), diff(new, old)

    assert pairs(there, Kind.WIDENS) == {(cell[0], cell[3]) for cell in matrix(new) - matrix(old)}
    assert pairs(there, Kind.NARROWS) == {(cell[0], cell[3]) for cell in matrix(old) - matrix(new)}
    for kind, other in ((Kind.WIDENS, Kind.NARROWS), (Kind.NARROWS, Kind.WIDENS)):
        assert sorted(one.effect.label for one in there.changes if one.kind is kind and "(" in one.effect.label) == sorted(
            one.effect.label for one in back.changes if one.kind is other and "(" in one.effect.label
        )  # fmt: skip
    assert all(change.place.key != "(file)" for change in there.changes)


def permuted(value, chance, path=()):
    """Turn keys around, and lists whose order says nothing."""
    if isinstance(value, dict):
        items = [(key, permuted(inner, chance, (*path, key))) for key, inner in value.items()]
        return dict(chance.sample(items, len(items)))
    if isinstance(value, list) and path not in {("rollouts",), ("tasks",), ("rules",)}:
        return chance.sample([permuted(inner, chance, (*path, 0)) for inner in value], len(value))
    return value


@pytest.mark.parametrize("seed", range(5))
def test_turning_yaml_around_changes_nothing(base, seed):
    turned = permuted(yaml.safe_load(BASE), random.Random(seed))

    assert diff(base, side(yaml.safe_dump(turned, sort_keys=False))).changes == ()


SAME = [
    ("{kind: phone, enabled: false}", "{kind: phone, enabled: false, class: internal}"),
    ("    - {kind: phone, enabled: false}\n", "    - {kind: phone, enabled: false}\n    - {kind: iban, class: restricted}\n"),
    ("  on_unscannable: restricted\n", ""),
    ("clearance: restricted\n", "clearance: {max: restricted, forbid: [], contracts: []}\n"),
    ("203.0.113.0/24", "203.0.113.0/25, 203.0.113.128/25, 10.1.0.0/16"),
    ("team == 'legal'\"", "team  ==   'legal'\""),
    ("mode: {default: enforce, teams: {lab: observe}}", "mode: {default: enforce, teams: {lab: observe, legal: enforce}}"),
    ('["claude-cli/*", "codex*"]', '["codex*", "claude-cli/*", "codex*"]'),
    ("percent: 10,", "percent: 10.0,"),
    ("candidates: [home, sonnet, gpt]", "candidates: [gpt, home, sonnet], substitution: free"),
    ("percent: 1}", "percent: 1, unit: session}"),
    ("from: 2026-11-01, until: 2026-12-01, targets", 'from: "2026-11-01T01:00:00+01:00", until: 2026-12-01T00:00:00Z, targets'),
    ("words: [Atlas, Borealis]", "words: [Borealis, Atlas, Atlas]"),
    ("version: 1", "# a comment\nversion: 1"),
]  # fmt: skip


@pytest.mark.parametrize(("find", "put"), SAME)
def test_another_way_of_saying_the_same_is_no_change(after, find, put):
    assert after(find, put).changes == ()


def test_splitting_files_is_no_change_and_the_place_is_in_its_file(base):
    head, tail = BASE.split("rules:\n")
    split = side(head, "rules:\n" + tail)
    shut = side(head, "rules:\n" + edited("key == 'ci'", "key == 'cd'", tail))

    assert diff(base, split).changes == ()
    assert {(one.place.file, one.place.line) for one in diff(base, shut).changes} == {("p1.yaml", 5)}


def test_of_two_edits_each_has_its_own_lines(base):
    both = edited("max: internal\n", "max: confidential\n", edited("forbid: [pci, secret]", "forbid: [pci]"))

    found = diff(base, side(both))

    assert [(one.effect.label, one.place.key) for one in found.changes] == [
        ("confidential (without pci, phi)", "targets[2].clearance.max"),
        ("public … confidential (with secret)", "targets[2].clearance.forbid"),
    ]
    assert found.widens


def test_where_each_edit_alone_would_do_both_are_reported(base):
    """A vendor moves into the regions of a team that is kept to them, and the rule takes its old region in."""
    rule = edited(
        "regions: [eu], why",
        "regions: [eu, us, jp], why",
        edited("mask: [email]\n    region: us", "mask: []\n    region: eu"),
    )
    guard = rule[: rule.index("invariants:")].replace("{id: legal, default_class: confidential}", "{id: legal, default_class: public}")  # fmt: skip

    found = compare(base, side(guard), DEFAULTS)

    keys = {one.place.key for one in found.changes if one.kind is Kind.WIDENS and "legal" in one.effect.teams}
    assert {"rules[1].regions", "targets[2].region"} <= keys


def test_json_of_a_change_is_a_contract(after):
    (change,) = after("percent: 10", "percent: 25").changes

    assert change.as_json() == {
        "kind": "MOVES",
        "teams": [],
        "label": "",
        "targets": ["home"],
        "what": "rollout first percent: 10 → 25",
        "file": "p0.yaml",
        "line": 54,
        "key": "rollouts[0].percent",
        "side": "new",
    }
