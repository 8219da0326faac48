"""A budget says which calls it pays."""

import pytest

from gateway.domain.team import Budget


@pytest.mark.parametrize(
    ("covers", "zone", "counts"),
    [("closed", "closed", True), ("closed", "local", False), ("all", "closed", True), ("all", "local", True)],
)
def test_a_budget_of_closed_calls_does_not_count_our_own_hardware(covers, zone, counts):
    assert Budget(1, covers=covers).counts(zone) == counts


def test_a_budget_is_for_vendors_and_refuses_if_nothing_else_is_said():
    budget = Budget(1)

    assert (budget.per, budget.covers, budget.on_exhausted) == ("month", "closed", "reject")
