from gateway.policy.diff.edits import Edit
from gateway.policy.diff.scope import EVERYTHING, Scope, scope_of


def scope(base, *edits):
    return scope_of(base.snapshot, base.snapshot, edits)


def test_a_rule_reaches_everything_all_else_what_it_names(base):
    assert scope(base, Edit(("rules", "deny"), {}, None)) == EVERYTHING
    assert scope(base, Edit(("targets", "gpt", "region"), "us", "eu")) == Scope(targets=frozenset({"gpt"}))
    assert scope(base, Edit(("modes", "lab"), "observe", "enforce")) == Scope(teams=frozenset({"lab"}))
    assert scope(base, Edit(("exceptions", "pilot", "max"), "public", "internal")) == Scope(frozenset({"support"}))


def test_what_cannot_matter_reaches_nothing(base):
    edits = [
        Edit(("targets", "gpt", "price"), {}, {}),
        Edit(("models", "auto"), {}, None),
        Edit(("modes", ""), "a", "b"),
    ]

    assert scope(base, *edits) == Scope()
    assert not Scope().holds("lab", "gpt")
    assert EVERYTHING.holds("lab", "gpt")
