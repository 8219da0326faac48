import pytest

from gateway.policy.diff.change import Kind
from gateway.policy.diff.edits import Edit
from gateway.policy.diff.grants import exception, guard, mask_all, networks

ANY = {"team": None, "class": None}


def rule(never=None, always=None, unless=None, **scope):
    return {"for": ANY | scope, "never": never, "always": always, "unless": unless}


def judged(before, after):
    return guard(Edit(("invariants", "i"), before, after))[0].kind


def test_a_guard_about_more_is_stronger():
    closed, eu = {"zone": ["closed"]}, {"region": ["eu"]}

    assert judged(rule(never=closed, team=["a"]), rule(never=closed, team=["a", "b"])) is Kind.NARROWS
    assert judged(rule(never=closed, team=["a"]), rule(never=closed)) is Kind.NARROWS
    assert judged(rule(never=closed), rule(never=closed, team=["a"])) is Kind.WIDENS
    assert judged(rule(always={"region": ["eu", "us"]}), rule(always=eu)) is Kind.NARROWS
    assert judged(rule(always=eu), rule(always={"region": ["eu", "us"]})) is Kind.WIDENS
    assert judged(rule(always=eu), rule(never=eu)) is Kind.WIDENS


@pytest.mark.parametrize(
    ("field", "before", "after", "kind", "what"),
    [
        ("values", ["s:1"], [], Kind.WIDENS, "exception e values: 1 → every"),
        ("values", [], ["s:1"], Kind.NARROWS, "exception e values: every → 1"),
        ("start", 86400, 0, Kind.WIDENS, "exception e from: 1970-01-02T00:00:00Z → 1970-01-01T00:00:00Z"),
        ("owner", "a", "b", Kind.MOVES, "exception e owner: a → b"),
        ("teams", ["a"], ["a", "b"], Kind.WIDENS, "exception e teams: +b"),
    ],
)
def test_inside_an_exception(field, before, after, kind, what):
    (effect,) = exception(Edit(("exceptions", "e", field), before, after))

    assert (effect.kind, effect.what) == (kind, what)


def test_what_was_ours_anyhow_is_no_new_network():
    assert networks(Edit(("settings", "local_networks"), [], ["10.1.0.0/16"])) == []
    assert [one.kind for one in networks(Edit(("settings", "local_networks"), ["fd00::/8"], ["2001:db8::/32"]))] == [
        Kind.WIDENS
    ]


def test_a_guard_that_lets_masked_requests_go_is_weaker():
    closed, masked = {"zone": ["closed"]}, {"masked": {"team": None}}

    assert judged(rule(never=closed), rule(never=closed, unless=masked)) is Kind.WIDENS
    assert judged(rule(never=closed, unless=masked), rule(never=closed)) is Kind.NARROWS


def test_masking_everything_for_a_team_widens():
    (effect,) = mask_all(Edit(("teams", "engineering", "mask"), None, "all"))

    assert (effect.kind, effect.teams, effect.label) == (Kind.WIDENS, ("engineering",), "masked text")
    assert mask_all(Edit(("teams", "engineering", "mask"), "all", None))[0].kind is Kind.NARROWS
