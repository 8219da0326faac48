"""A vendor's books beside ours: the parts of each difference add up to it, and say what it is."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reports.invoice import NOT_GIVEN, InvoiceLine
from gateway.reports.reconcile import Booked, reconcile

DAY = date(2026, 11, 20)
CENT = 10_000_000


def booked(day=DAY, model="gpt-5", cost=100 * CENT, tokens=(1000, 100), estimated=0, estimated_cost=0):
    return Booked(day, model, cost, *tokens, 10, estimated, estimated_cost)


def test_equal_books_have_no_difference():
    (row,) = reconcile([InvoiceLine(DAY, "gpt-5", 100 * CENT, 1000, 100)], [booked(model="openai/gpt-5-2026-08-07")])
    assert (row.difference, row.note) == (0, "")


def test_a_call_past_the_gateway_is_named():
    (row,) = reconcile([InvoiceLine(DAY, "gpt-5", 7)], [])
    assert (row.only_vendor, row.difference) == (7, 7)
    assert "without the gateway" in row.note


def test_a_call_that_was_not_billed_is_named():
    (row,) = reconcile([], [booked(cost=7)])
    assert (row.only_ledger, row.difference) == (-7, -7)


def test_another_price_is_distinguished_from_other_tokens():
    (dearer,) = reconcile([InvoiceLine(DAY, "gpt-5", 110 * CENT, 1000, 100)], [booked()])
    (more,) = reconcile([InvoiceLine(DAY, "gpt-5", 110 * CENT, 1100, 110)], [booked()])
    assert (dearer.tokens, dearer.price) == (0, 10 * CENT)
    assert (more.tokens, more.price) == (10 * CENT, 0)
    assert ("rerate" in dearer.note, "tokens" in more.note) == (True, True)


def test_estimated_usage_explains_what_it_can_and_no_more():
    (row,) = reconcile([InvoiceLine(DAY, "gpt-5", 60 * CENT)], [booked(estimated=1, estimated_cost=30 * CENT)])
    assert (row.estimated, row.price) == (-30 * CENT, -10 * CENT)


def test_calls_around_midnight_are_known():
    next_day = date(2026, 11, 21)
    lines = [InvoiceLine(DAY, "gpt-5", 90 * CENT), InvoiceLine(next_day, "gpt-5", 110 * CENT)]
    rows = reconcile(lines, [booked(), booked(next_day)])
    assert all("midnight" in row.note for row in rows)


def test_an_export_of_tokens_alone_is_compared_at_our_price():
    (row,) = reconcile([InvoiceLine(DAY, "gpt-5", None, 2000, 200)], [booked()])
    assert (row.vendor, row.tokens) == (200 * CENT, 100 * CENT)


def test_tokens_past_the_gateway_are_named_though_nobody_knows_their_price():
    (row,) = reconcile([InvoiceLine(DAY, "gpt-6", None, 2000, 200)], [])

    assert (row.difference, row.unpriced_tokens) == (0, 2200)
    assert "without the gateway" in row.note


def test_an_export_that_is_not_by_model_is_compared_by_day():
    lines = [InvoiceLine(DAY, NOT_GIVEN, 60 * CENT), InvoiceLine(DAY, NOT_GIVEN, 50 * CENT)]
    (row,) = reconcile(lines, [booked(), booked(model="gpt-4o", cost=10 * CENT)])

    assert (row.model, row.ledger, row.difference) == (NOT_GIVEN, 110 * CENT, 0)


def test_a_tool_that_the_vendor_bills_separately_is_distinguished_from_an_unknown_call():
    (row,) = reconcile([InvoiceLine(DAY, "web-search", 7)], [])

    assert row.only_vendor == 7
    assert "in the cost of the model" in row.note


amounts = st.integers(0, 10**12)
days = st.sampled_from([DAY, date(2026, 11, 21)])
names = st.sampled_from(["gpt-5", "gpt-4o"])


@given(
    lines=st.lists(st.builds(InvoiceLine, days, names, amounts, st.none() | amounts, amounts)),
    ours=st.lists(st.builds(Booked, days, names, amounts, amounts, amounts, st.just(1), st.integers(0, 1), amounts)),
)
def test_the_parts_add_up_to_the_difference_exactly(lines, ours):
    rows = reconcile(lines, ours)
    for row in rows:
        parts = row.only_vendor + row.only_ledger + row.estimated + row.tokens + row.price
        assert parts == row.difference
    assert sum(row.ledger for row in rows) == sum(one.cost for one in ours)
    assert sum(row.vendor for row in rows) == sum(line.cost or 0 for line in lines)


@pytest.mark.parametrize("row", reconcile([InvoiceLine(DAY, "gpt-5", 5)], [booked()]))
def test_a_row_is_shown_in_dollars(row):
    assert row.as_json()["difference_usd"] == "-0.999999995"
