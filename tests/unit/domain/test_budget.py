"""Periods follow the calendar of their place, and a budget says which calls it pays."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.budget import Budget, Spent, accounts, counted, period

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Asia/Beirut",
]
BUDGETS = st.builds(
    Budget,
    st.just(1),
    per=st.sampled_from(["day", "week", "month", "quarter", "year"]),
    time_zone=st.sampled_from(ZONES),
    fiscal_start=st.integers(1, 12),
)
TIMES = st.integers(946_684_800, 4_000_000_000).map(lambda second: second * 10**9)


def ns(*date: int, zone: str = "UTC") -> int:
    return int(datetime(*date, tzinfo=ZoneInfo(zone)).timestamp()) * 10**9


@given(BUDGETS, TIMES)
def test_a_time_lies_in_its_period_and_periods_follow_one_another_without_a_gap(budget, at):
    now = period(budget, at)
    assert now.start_ns <= at < now.end_ns
    assert period(budget, now.start_ns) == period(budget, now.end_ns - 1) == now
    following = period(budget, now.end_ns)
    assert following.start_ns == now.end_ns
    assert following.name > now.name


@given(BUDGETS, TIMES)
def test_a_period_begins_at_midnight_unless_there_was_none(budget, at):
    begun = datetime.fromtimestamp(period(budget, at).start_ns / 1e9, UTC).astimezone(ZoneInfo(budget.time_zone))
    assert (begun.hour, begun.minute) in {(0, 0), (1, 0), (0, 30)}


@pytest.mark.parametrize(
    ("budget", "at", "name", "start", "end"),
    [
        (Budget(1), ns(2026, 11, 22), "2026-11", ns(2026, 11, 1), ns(2026, 12, 1)),
        (Budget(1, per="week"), ns(2026, 1, 1), "2026-W01", ns(2025, 12, 29), ns(2026, 1, 5)),
        (Budget(1, per="quarter"), ns(2026, 11, 22), "2026-Q4", ns(2026, 10, 1), ns(2027, 1, 1)),
        (Budget(1, per="quarter", fiscal_start=10), ns(2026, 1, 2), "FY2025-Q2", ns(2026, 1, 1), ns(2026, 4, 1)),
        (Budget(1, per="year", fiscal_start=4), ns(2026, 3, 31), "FY2025", ns(2025, 4, 1), ns(2026, 4, 1)),
    ],
)
def test_periods_have_the_names_and_bounds_of_the_calendar(budget, at, name, start, end):
    found = period(budget, at)
    assert (found.name, found.start_ns, found.end_ns) == (name, start, end)


def test_a_day_has_as_many_hours_as_the_clock_shows_there():
    berlin = Budget(1, per="day", time_zone="Europe/Berlin")
    hours = [
        (found.end_ns - found.start_ns) // (3600 * 10**9)
        for day in ((2026, 3, 29, 12), (2026, 10, 25, 12), (2026, 6, 1, 12))
        for found in [period(berlin, ns(*day, zone="Europe/Berlin"))]
    ]
    assert hours == [23, 25, 24]


@pytest.mark.parametrize(
    ("covers", "zone", "counts"),
    [("closed", "closed", True), ("closed", "local", False), ("all", "closed", True), ("all", "local", True)],
)
def test_a_budget_of_closed_calls_does_not_count_our_own_hardware(covers, zone, counts):
    assert Budget(1, covers=covers).counts(zone) == counts


def test_a_budget_is_for_vendors_and_refuses_if_nothing_else_is_said():
    budget = Budget(1)
    assert (budget.per, budget.covers, budget.on_exhausted) == ("month", "closed", "reject")


@pytest.mark.parametrize(
    ("changes", "binds"),
    [
        ({}, {"local": True, "closed": True}),
        ({"on_exhausted": "local_only"}, {"local": False, "closed": True}),
        ({"on_exhausted": "downgrade", "downgrade": "x"}, {"local": False, "closed": True}),
        ({"on_exhausted": "downgrade", "downgrade": "y"}, {"local": True, "closed": True}),
        ({"covers": "closed"}, {"local": False, "closed": True}),
    ],
)
def test_a_spent_budget_lets_go_on_only_where_it_says_so_and_never_to_a_vendor(changes, binds):
    budget = Budget(1, **({"covers": "all"} | changes))
    assert {zone: budget.binds(zone, "x") for zone in ("local", "closed")} == binds


def test_each_limit_has_a_counter_of_its_payer_and_period():
    budgets = [Budget(5, payer="organization"), Budget(7, tokens=9), Budget(None, tokens=3, payer="key")]
    found = accounts(budgets, "t", "k", ns(2026, 11, 22))
    assert [(one.owner, one.unit, one.limit) for one in found] == [
        ("", "usd", 5),
        ("t", "usd", 7),
        ("t", "tokens", 9),
        ("k", "tokens", 3),
    ]
    assert len({one.counter for one in found}) == 4
    assert all(one.counter.endswith(":2026-11") for one in found)


def test_the_ledger_s_rows_count_for_whom_and_what_a_budget_covers():
    rows = [
        Spent("t", "k", "closed", 5, 50),
        Spent("t", "k", "local", 1, 70),
        Spent("t", "l", "closed", 2, 20),
        Spent("u", "m", "closed", 9, 90),
    ]
    budgets = [Budget(1, payer="organization"), Budget(1), Budget(None, tokens=1, covers="all", payer="key")]
    assert [counted(one, rows) for one in accounts(budgets, "t", "k", 0)] == [16, 7, 120]
