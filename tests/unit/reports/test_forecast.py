"""A forecast goes on as the days went, and says how sure it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.budget import Account, Budget, period
from gateway.reports.forecast import BudgetState, Forecast, forecast, record


def test_even_days_go_on_for_sure():
    assert forecast([10] * 7, 70, 3) == Forecast(100, 100, 100)


def test_the_more_the_days_differ_the_wider_the_interval():
    even, odd = forecast([9, 10, 11] * 3, 90, 9), forecast([0, 10, 20] * 3, 90, 9)

    assert even.likely == odd.likely == 180
    assert odd.high - odd.low > even.high - even.low > 0


def test_only_the_last_four_weeks_count():
    assert forecast([10**9] * 30 + [10] * 28, 0, 1) == Forecast(10, 10, 10)


@pytest.mark.parametrize("days", [[], [5], [5, 5]])
def test_of_too_few_days_nothing_is_said(days):
    assert forecast(days, 5, 1) is None


@given(st.lists(st.integers(0, 10**12), min_size=3, max_size=40), st.integers(0, 10**12), st.floats(0, 366))
def test_what_is_spent_is_never_unspent(days, spent, left):
    found = forecast(days, spent, left)

    assert spent <= found.low <= found.high
    assert found.low <= max(found.likely, spent) <= found.high


def test_a_state_is_reported_in_its_own_unit():
    budget = Budget(usd_nanos=10**10, tokens=500)
    dollars, tokens = (Account(budget, unit, limit, "a", period(budget, 0)) for unit, limit in budget.limits())

    row = record(BudgetState(dollars, 25 * 10**8, Forecast(1, 2, 3)))
    assert (row["limit"], row["left"], row["spent_share"], row["forecast"]) == ("10.0", "7.5", 0.25, "0.000000002")
    row = record(BudgetState(tokens, 600, None))
    assert (row["limit"], row["left"], row["spent_share"], row["forecast"]) == (500, -100, 1.2, None)
