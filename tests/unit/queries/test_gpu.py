"""All hours of a span are priced, and what is to be booked of them is found, in one sight of the ledger."""

import pytest
from support.books import NOON, attempt, decision_made, finished, policy, settled, ship, write
from support.fakes import local
from support.fakes import policy as compiled

from gateway.queries.gpu import gpu_hours
from gateway.reports.span import Span
from gateway.stores.ledger.reader import LedgerReader
from gateway.stores.ledger.rerating import book

HOUR = 3_600_000_000_000
RATES = {"input_per_mtok_usd": 1, "output_per_mtok_usd": 1}
SPAN = Span(NOON - 12 * HOUR, NOON + 12 * HOUR, "2026-11-22", "2026-11-22")
LATER = NOON + 12 * HOUR


def priced(name):
    return local(name, price={"gpu_hour_usd": 3.6, "tokens_per_second": 1})


def served(number, target, at):
    return decision_made(number, at=at), attempt(number, at=at, target=target), settled(number, at=at), finished(number)


@pytest.fixture
def snapshot():
    targets = [priced("home"), priced("other"), local("free", price=RATES)]
    return compiled(targets=targets, models=[{"name": "auto", "candidates": ["home"]}], rules=[])


@pytest.fixture
def reader(data):
    for number in range(1, 6):
        write(data, *served(number, "other" if number == 5 else "home", NOON + number * HOUR), instance=f"ins_{number}")
    write(data, *served(6, "free", NOON + HOUR), instance="ins_6")
    return LedgerReader(data)


def test_a_span_of_several_hours_and_targets_is_one_sight(reader, snapshot, opened):
    found = gpu_hours(reader, SPAN, snapshot, LATER)

    assert [(one.hour.target, one.hour.start_ns) for one in found.hours] == [
        *[("home", NOON + number * HOUR) for number in range(1, 5)],
        ("other", NOON + 5 * HOUR),
    ]
    assert len(found.booking.records) == 5
    assert len(opened) == 1


def test_only_hours_that_are_over_are_booked(reader, snapshot):
    found = gpu_hours(reader, SPAN, snapshot, NOON + 3 * HOUR)

    assert [one.attempt for one in found.booking.records] == ["att_000001_1", "att_000002_1"]
    assert found.booking.change.after["adjustments"] == 2


def test_what_is_booked_is_booked_once(reader, snapshot, data):
    found = gpu_hours(reader, SPAN, snapshot, LATER)
    book(data, found.booking.records, LATER, bytes(10))

    assert gpu_hours(reader, SPAN, snapshot, LATER).booking is None
    ship(data)
    assert gpu_hours(reader, SPAN, snapshot, LATER).booking is None


def test_nothing_is_to_be_booked_if_nobody_asks(reader, snapshot):
    assert gpu_hours(reader, SPAN, snapshot).booking is None


def test_without_a_policy_there_is_no_bill_and_the_newest_one_in_the_ledger_counts(reader, snapshot, data):
    assert gpu_hours(reader, SPAN, None, LATER).hours == ()
    write(data, policy(text=snapshot.canonical.decode(), name="p1"), instance="ins_p")

    assert len(gpu_hours(reader, SPAN, None).hours) == 5
