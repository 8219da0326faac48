from gateway.policy.diff.change import Kind
from gateway.policy.diff.directions import (
    fewer_widens,
    greater_widens,
    higher_widens,
    less_widens,
    lower_widens,
    more_widens,
    none_is_all,
    unknown_widens,
)

WIDENS, NARROWS = (Kind.WIDENS,), (Kind.NARROWS,)


def test_a_lower_class_of_a_text_lets_it_go_and_a_higher_clearance_takes_it():
    assert lower_widens("confidential", "internal") == WIDENS
    assert lower_widens("internal", "confidential") == NARROWS
    assert lower_widens("internal", "internal") == ()
    assert higher_widens("internal", "confidential") == WIDENS


def test_a_set_may_do_both():
    assert more_widens(["a"], ["a", "b"]) == WIDENS
    assert fewer_widens(["a"], ["a", "b"]) == NARROWS
    assert more_widens(["a"], ["b"]) == (Kind.WIDENS, Kind.NARROWS)


def test_numbers():
    assert greater_widens(1, 2) == less_widens(2, 1) == WIDENS
    assert greater_widens(False, True) == WIDENS


def test_an_empty_set_may_mean_everything():
    values = none_is_all(more_widens, whole=Kind.WIDENS)

    assert (values(["a"], []), values([], ["a"]), values(["a"], ["a", "b"])) == (WIDENS, NARROWS, WIDENS)


def test_what_nobody_can_compare_counts_as_wider():
    assert unknown_widens("a", "b") == WIDENS
