"""How long the ledger's volume lasts, and when an alert is raised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.estimation.room import Held, RoomWatch, days_left

GB = 10**9


def test_a_week_of_calls_says_how_many_days_are_left():
    held = Held(bytes=2 * GB, requests=1_000_000, recent=700_000, days=7.0)

    assert held.bytes_a_day == 0.2 * GB
    assert days_left(held, 10 * GB) == 50


def test_a_young_ledger_goes_by_the_days_that_it_has():
    held = Held(bytes=GB, requests=500_000, recent=500_000, days=0.5)

    assert held.bytes_a_day == 2 * GB


@pytest.mark.parametrize("held", [Held(0, 0, 0, 7.0), Held(GB, 1000, 0, 7.0), Held(GB, 1000, 10, 0.0)])
def test_a_ledger_that_does_not_grow_lasts(held):
    assert days_left(held, GB) is None


def test_a_full_volume_has_no_day_left():
    assert days_left(Held(GB, 1000, 10, 7.0), -5) == 0


@given(st.integers(1, 10**13), st.integers(1, 10**9), st.integers(1, 10**9), st.floats(0.01, 7), st.integers(0, 10**13))
def test_more_room_is_never_fewer_days(size, requests, recent, days, free):
    held = Held(size, requests, recent, days)

    assert days_left(held, free) <= days_left(held, free + GB)


def test_an_alert_begins_once_a_day_and_ends_with_some_distance():
    watch = RoomWatch(14)
    looks = [(30, "1"), (13.9, "2"), (13, "2"), (15, "2"), (13, "3"), (17.4, "4"), (17.5, "4"), (17, "4"), (None, "5")]

    found = [watch.look(days, day) for days, day in looks]

    assert found == ["", "ledger_fills", "", "", "ledger_fills", "", "ledger_recovered", "", ""]


def test_an_alert_ends_when_nothing_is_added_any_more():
    watch = RoomWatch(14)

    assert [watch.look(1, "1"), watch.look(None, "1")] == ["ledger_fills", "ledger_recovered"]


def test_who_wants_no_alert_gets_none():
    assert RoomWatch(0).look(0.0, "1") == ""
