import pytest

from gateway.domain.label import Category, DataClass
from gateway.policy.diff.labels import grouped
from gateway.policy.diff.matrices import ELSEWHERE, Axes, Destination, Spot

SINGLES = tuple(frozenset([one]) for one in sorted(Category))
SETS = (frozenset(), *SINGLES, frozenset(Category))
AXES = Axes(SETS, (None, ELSEWHERE), ("", "ci"), frozenset())


def spots(levels, sets, team="t", target="v", **more):
    place = Destination(target, (), "vendor", "")
    return [Spot(team, DataClass.parse(level), some, place, **more) for level in levels for some in sets]


@pytest.mark.parametrize(
    ("levels", "sets", "label"),
    [
        (["public", "internal", "confidential"], SETS, "public … confidential (all categories)"),
        (["public", "restricted"], SETS, "public, restricted (all categories)"),
        (["internal"], [frozenset()], "internal (no category)"),
        (["internal"], [frozenset(), *SINGLES[2:]], "internal (without export, hr)"),
        (["internal"], [SINGLES[0], frozenset(Category)], "internal (with export)"),
        (["internal"], [frozenset(Category)], "internal (some sets of categories)"),
        (["internal"], [frozenset(), *SINGLES], "internal (some sets of categories)"),
    ],
)
def test_neighbours_are_one_label(levels, sets, label):
    assert grouped(spots(levels, sets), AXES) == [(("t",), label, ("v",))]


def test_teams_and_targets_of_one_label_are_one_line():
    some = [spot for team in "ab" for target in "vw" for spot in spots(["public"], SETS, team, target)]

    assert grouped(some, AXES) == [(("a", "b"), "public (all categories)", ("v", "w"))]


def test_what_holds_anyhow_is_not_reported_for_a_key_or_a_region():
    some = spots(["public"], SETS)
    more = [*spots(["public"], SETS, key="ci"), *spots(["public"], SETS, regions=ELSEWHERE)]

    assert grouped(some + more, AXES) == grouped(some, AXES)
    assert [label for _, label, _ in grouped(more, AXES)] == [
        "public (all categories) [kept to other regions]",
        "public (all categories) [key ci]",
    ]
