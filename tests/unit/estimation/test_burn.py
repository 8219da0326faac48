"""How fast budgets go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.estimation.burn import (
    DAY_S,
    MOST_MILLI,
    WINDOWS,
    SpendTrack,
    burn,
    burning,
    exhaustion,
    governs,
    pace_milli,
)

MONTH_S = 30 * DAY_S


def track(rate, seconds, step=300):
    """A track of an even rate (nano-dollars a second), and what is spent at its end."""
    made = SpendTrack()
    for at in range(0, seconds + 1, step):
        made.note(at, rate * at)
    return made, rate * seconds


def test_an_even_pace_burns_at_one():
    assert burn(1000, MONTH_S / 10, 10_000, MONTH_S) == pytest.approx(1)
    assert pace_milli(1000, MONTH_S / 10, 9000, MONTH_S * 0.9) == 1000


def test_the_spend_of_a_window_is_measured_between_two_moments():
    made, spent = track(7, DAY_S)
    assert made.spent(DAY_S, spent, 3600) == (7 * 3600, 3600)
    assert made.spent(DAY_S, spent, 3601)[0] == pytest.approx(7 * 3601, abs=1)


def test_a_window_with_too_little_data_is_not_reported():
    made, spent = track(7, 3600)
    assert made.spent(3600, spent, DAY_S) is None
    assert made.spent(3600, spent, 2 * 3600) == (spent, 3600)


def test_an_estimate_that_was_put_right_takes_away_what_it_proves_wrong_and_no_more():
    made, spent = track(7, DAY_S)
    right = spent - 7 * 3600
    made.note(DAY_S + 300, right)
    assert made.spent(DAY_S + 300, right, 3600) == (0, 3600)
    assert made.spent(DAY_S + 300, right, DAY_S) == (right - 7 * 300, DAY_S)


def test_a_clock_that_was_set_back_goes_on_from_there():
    made, spent = track(7, DAY_S)
    made.note(DAY_S / 2, spent)
    made.note(DAY_S / 2 + 600, spent + 60)
    assert max(made.moments) == (DAY_S / 2 + 600, spent + 60)


def test_old_moments_are_given_up():
    made, spent = track(1, 40 * DAY_S, step=600)
    assert len(made._moments) < 10 * DAY_S / 600
    assert made.spent(40 * DAY_S, spent, 8 * DAY_S) == (8 * DAY_S, 8 * DAY_S)


def test_days_are_reported_one_by_one():
    made = SpendTrack()
    spent = 0
    for at in range(0, 4 * DAY_S + 1, 300):
        spent = 100 * min(at, DAY_S) + 10 * max(0, at - DAY_S)
        made.note(at, spent)
    assert made.daily(4 * DAY_S, spent) == [10 * DAY_S, 10 * DAY_S, 10 * DAY_S, 100 * DAY_S]


@pytest.mark.parametrize(("times", "windows"), [(0.5, set()), (2, {"3d"}), (7, {"6h", "3d"}), (20, {"1h", "6h", "3d"})])
def test_alerts_rise_with_the_burn(times, windows):
    limit = 10**9
    made, spent = track(int(times * limit / MONTH_S), 3 * DAY_S)
    assert set(burning(made, 3 * DAY_S, spent, limit, MONTH_S)) == windows


def test_a_fire_that_is_out_is_no_alert():
    limit = 10**9
    made, spent = track(int(20 * limit / MONTH_S), 3 * DAY_S)
    for at in range(3 * DAY_S + 300, 3 * DAY_S + 7 * 3600, 300):
        made.note(at, spent)
    assert burning(made, 3 * DAY_S + 7 * 3600, spent, limit, MONTH_S) == {}


def test_a_governor_holds_on_until_well_below_its_threshold():
    assert [governs(pace, 2, before=False) for pace in (1999, 2000)] == [False, True]
    assert [governs(pace, 2, before=True) for pace in (999, 1000)] == [False, True]


@pytest.mark.parametrize(("left", "left_s"), [(0, 100), (-5, 100), (100, 0)])
def test_nothing_left_is_as_fast_as_can_be(left, left_s):
    assert pace_milli(5, 10, left, left_s) == MOST_MILLI
    assert pace_milli(0, 10, left, left_s) == 0


def test_the_end_is_forecast_with_an_interval():
    found = exhaustion(0, 1000, [100, 200, 50, 100, 100], 30 * DAY_S)
    assert (found.early, found.expected, found.late) == (10 * DAY_S, 10 * DAY_S, 10 * DAY_S)
    wide = exhaustion(0, 1000, [200, 100, 50], 30 * DAY_S)
    assert (wide.early, wide.expected, wide.late) == (5 * DAY_S, 10 * DAY_S, 20 * DAY_S)


def test_what_lasts_has_no_end():
    assert exhaustion(0, 1000, [1], 30 * DAY_S).expected is None
    assert exhaustion(0, 1000, [], 30 * DAY_S) is None
    assert exhaustion(5, 0, [0], 30 * DAY_S).expected == 5


def test_windows_have_names():
    assert [window.name for window in WINDOWS] == ["1h", "6h", "3d"]


@given(
    daily=st.lists(st.integers(0, 10**9), min_size=1, max_size=7),
    left=st.integers(-5, 10**10),
    end=st.integers(1, 10**8),
)
def test_the_interval_holds_what_is_expected(daily, left, end):
    found = exhaustion(0, left, daily, end)
    early, expected, late = (float("inf") if one is None else one for one in (found.early, found.expected, found.late))
    assert early <= expected <= late


@given(
    st.lists(st.tuples(st.integers(1, 5000), st.integers(0, 10**6)), min_size=1, max_size=60), st.integers(60, DAY_S)
)
def test_a_window_never_takes_more_than_was_spent(steps, window):
    made, at, spent = SpendTrack(), 0, 0
    for length, amount in steps:
        made.note(at, spent)
        at, spent = at + length, spent + amount
    found = made.spent(at, spent, window)
    assert found is None or 0 <= found[0] <= spent
