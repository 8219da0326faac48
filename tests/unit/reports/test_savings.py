"""Savings are a range whose lower end never claims more than the token ratio says."""

from gateway.domain.costs import CostRow
from gateway.reports.savings import Savings, method, savings


def test_the_range_goes_from_the_ratio_of_the_local_tokens_to_all_of_them():
    row = CostRow("a", reference=1000, reference_local=600, referenced=3, compared_cost=500)

    assert savings(row, 0.8) == Savings(500 - 120, 500)


def test_what_closed_targets_served_is_not_unsure():
    assert savings(CostRow("a", reference=1000, referenced=1, compared_cost=900), 0.5) == Savings(100, 100)


def test_the_lower_end_is_rounded_against_us():
    row = CostRow("a", reference=1, reference_local=1, referenced=1)

    assert savings(row, 0.8) == Savings(0, 1)


def test_without_a_reference_there_is_no_range():
    assert savings(CostRow("a", closed_cost=7)) is None


def test_the_method_names_the_ratio():
    assert "0.75 of the local tokens" in method(0.75)
