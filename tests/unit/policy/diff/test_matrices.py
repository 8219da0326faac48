from gateway.domain.label import Category, DataClass
from gateway.policy.diff.matrices import ELSEWHERE, axes_of, difference, leaving, may_leave
from gateway.policy.diff.scope import Scope
from gateway.policy.prove.matrix import egress_matrix
from tests.unit.policy.conftest import closed, local


def test_it_is_the_egress_matrix_and_more(base):
    snapshot = base.snapshot

    plain = {
        (spot.team, spot.data_class, spot.categories, spot.destination.target)
        for spot in leaving(snapshot, axes_of(snapshot, snapshot))
        if not spot.key and not spot.exception and spot.regions is None
    }

    assert plain == {
        (cell.team, cell.data_class, cell.categories, cell.target)
        for cell in egress_matrix(snapshot, singles=False)
        if cell.rule is None
    }


def test_each_spot_may_leave(base):
    spots = leaving(base.snapshot, axes_of(base.snapshot, base.snapshot))

    assert all(may_leave(base.snapshot, spot) for spot in spots)
    assert any(spot.exception == "pilot" for spot in spots)
    assert any(spot.regions == ELSEWHERE and spot.team == "lab" for spot in spots)  # only observed
    assert not any(spot.regions == ELSEWHERE and spot.team == "support" for spot in spots)


def test_keys_that_conditions_name_are_tried(make):
    rules = [{"kind": "deny", "zones": ["closed"], "when": "key != 'ci'"}]
    snapshot = make(rules=rules)

    assert {spot.key for spot in leaving(snapshot, axes_of(snapshot, snapshot))} == {"ci"}


def test_a_vendor_elsewhere_is_another_one(make):
    old, new = make(), make(targets=[local("home"), closed("away", api_base="https://other.example/v1")])
    axes = axes_of(old, new)

    gone = difference(leaving(old, axes), leaving(new, axes))

    assert {spot.destination.vendor for spot in gone} == {"api.openai.com"}
    assert not may_leave(new, gone[0])


def test_only_what_edits_can_reach_is_tried(base):
    axes = axes_of(base.snapshot, base.snapshot, Scope(targets=frozenset({"gpt"})))

    assert {spot.destination.target for spot in leaving(base.snapshot, axes)} == {"gpt"}
    assert leaving(base.snapshot, axes_of(base.snapshot, base.snapshot, Scope())) == set()


def test_what_leaves_by_itself_is_not_reported_as_leaving_by_an_exception(base, make):
    spots = leaving(base.snapshot, axes_of(base.snapshot, base.snapshot))

    excepted = [spot for spot in difference(spots, set()) if spot.exception]

    assert {(spot.data_class, spot.categories) for spot in excepted} == {(DataClass.CONFIDENTIAL, frozenset())}
    assert Category.PCI not in {category for spot in excepted for category in spot.categories}
