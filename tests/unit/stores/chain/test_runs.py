"""Runs stand for entries that are gone: together they say which numbers, and what the rest is linked to."""

from hypothesis import given
from hypothesis import strategies as st
from support.books import chained, draft
from support.replacing import replace

from gateway.domain.chain import genesis
from gateway.stores.chain.runs import Run, joined, run_of

CHAIN = chained(*[draft(number) for number in range(1, 9)])


def test_neighbours_that_are_linked_are_one_run():
    assert joined([run_of(CHAIN[1]), run_of(CHAIN[0])]) == [Run("egr_a", 1, 2, genesis("egr_a"), CHAIN[1].hash)]


def test_a_number_in_between_keeps_two_runs_apart():
    assert [(run.first, run.last) for run in joined([run_of(CHAIN[0]), run_of(CHAIN[2])])] == [(1, 1), (3, 3)]


def test_neighbours_that_are_not_linked_stay_two():
    other = replace(run_of(CHAIN[1]), prev="00" * 32)

    assert len(joined([run_of(CHAIN[0]), other])) == 2


def test_chains_of_two_instances_are_never_one():
    other = chained(draft(1), draft(2), instance="egr_b")

    assert len(joined([run_of(CHAIN[0]), run_of(other[1])])) == 2


@given(st.permutations(range(8)), st.integers(0, 8))
def test_in_whatever_steps_entries_go_the_runs_are_the_same(order, cut):
    runs = [run_of(CHAIN[place]) for place in order]

    in_two_steps = joined([*joined(runs[:cut]), *runs[cut:]])

    assert in_two_steps == joined(runs) == [Run("egr_a", 1, 8, genesis("egr_a"), CHAIN[-1].hash)]
