"""A year's budget that would be gone in four months lasts the year, without flapping (loadtest/burn.py draws it)."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from loadtest.burn import figures, run


def test_without_the_governor_it_is_gone_in_four_months():
    assert 110 < figures("", run(None, days=150))["budget_gone_on_day"] < 130


def test_restarts_change_nothing_of_what_it_decides():
    year = run(2, days=60, restarts=7)
    assert year == run(2, days=60)
    assert sum(year.switches) > 30


@pytest.mark.parametrize("over", [1, 2])
@pytest.mark.parametrize("seed", [1, 2])
def test_with_it_the_year_ends_within_three_percent_of_the_budget(over, seed):
    year = run(over, seed)
    found = figures("", year)
    assert 0.97 <= found["spent_share_at_the_end"] <= 1
    assert year.gone_on is None or year.gone_on > 355
    assert found["switches_a_day_median"] <= 2
    assert found["switches_a_day_most"] <= 6
