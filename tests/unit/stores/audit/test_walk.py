"""A chain holds, or the walk says where it does not."""

from support.books import chained, draft
from support.replacing import replace

from gateway.stores.audit.walk import Walk

ONE, TWO, THREE, FOUR = chained(*[draft(number) for number in range(1, 5)])


def walked(*entries):
    walk = Walk("egr_a")
    for entry in entries:
        walk.step(entry)
    return [one.kind for one in walk.problems], walk.gaps


def test_a_whole_chain_has_no_problem():
    assert walked(ONE, TWO, THREE, FOUR) == ([], [])


def test_what_is_wrong_with_one_that_is_not():
    assert walked(ONE, replace(TWO, size=1), THREE) == (["changed"], [])
    assert walked(TWO, THREE) == ([], [range(1, 2)])
    assert walked(ONE, FOUR) == ([], [range(2, 4)])
    assert walked(ONE, ONE, TWO) == (["inserted"], [])
    assert walked(ONE, replace(TWO, size=1).sealed(2, ONE.hash), THREE) == (["broken link"], [])
    assert walked(replace(ONE, size=1).sealed(1, "another")) == (["broken link"], [])


def test_what_follows_a_lost_entry_is_not_held_against_it():
    walk = Walk("egr_a", where="file ")
    walk.step(ONE)
    walk.lost(2, "x")
    walk.step(THREE)
    walk.step(FOUR)
    assert [(one.kind, one.what) for one in walk.problems] == [("changed", "file x")]
