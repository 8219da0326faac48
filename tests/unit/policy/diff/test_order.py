import pytest

from gateway.policy.diff.order import order_edits

EMPTY = {"tasks": [], "rules": [], "rollouts": [], "models": []}


def edits(section, before, after):
    return list(order_edits({"order": EMPTY | {section: before}}, {"order": EMPTY | {section: after}}))


@pytest.mark.parametrize("section", ["tasks", "rules"])
def test_the_first_that_fits_counts_so_order_is_reported(section):
    assert edits(section, ["a", "b"], ["b", "a"]) == [(section, (["a", "b"], ["b", "a"]))]


def test_what_comes_and_goes_is_no_order():
    assert edits("tasks", ["a", "b", "c"], ["new", "a", "c"]) == []


def test_rollouts_only_stand_in_line_for_one_model():
    assert edits("rollouts", [("m", "a"), ("n", "b")], [("n", "b"), ("m", "a")]) == []
    assert edits("rollouts", [("m", "a"), ("m", "b")], [("m", "b"), ("m", "a")]) == [
        ("rollouts", (["a", "b"], ["b", "a"]))
    ]


@pytest.mark.parametrize(
    ("one", "other", "reported"),
    [
        ("gpt-*", "abc-*", False),
        ("*-a", "*-b", False),
        ("gpt-*", "gpt*-", True),
        ("ab*", "a*b", True),
        ("a*", "ab*", False),
    ],
)
def test_patterns_only_matter_if_one_name_could_fit_both_alike(one, other, reported):
    assert bool(edits("models", [one, other], [other, one])) is reported
