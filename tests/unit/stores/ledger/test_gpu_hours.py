"""The ledger knows whose tokens a local server made, and what the server counted, by the hour."""

from support.books import NOON, request, ship, worked

from gateway.domain.records import GpuSample
from gateway.pricing.hour import HourTokens
from tests.support.books import write

HOUR = 3_600_000_000_000
MADE = HourTokens(100, 40, 30)


def sample(number, at, output):
    return GpuSample(f"gpu_{number}", at, "home", "a:1", 0, 0, 0.0, 0.0, 0.0, 0, 0, output)


def test_tokens_stand_in_the_hour_in_which_they_settled(data):
    write(data, *request(1), *request(2, team="b"), *request(3, at=NOON + HOUR), *request(4, zone="closed"))
    first, second = worked(data, NOON, NOON + 2 * HOUR)

    assert (first.target, first.start_ns, first.teams) == ("home", NOON, {"support": MADE, "b": MADE})
    assert (second.start_ns, second.teams, second.measured) == (NOON + HOUR, {"support": MADE}, None)


def test_a_first_growth_is_measured_from_a_sample_before_the_span(data):
    write(data, sample(1, NOON - 1, 10), sample(2, NOON + 1, 15))
    (hour,) = worked(data, NOON, NOON + HOUR)

    assert (hour.measured.tokens, hour.measured.samples) == (HourTokens(0, 0, 5), 1)


def test_shipped_and_unshipped_are_one(data):
    write(data, *request(1), sample(1, NOON, 10))
    ship(data)
    write(data, *request(2), sample(2, NOON + 1, 15), instance="ins_b")

    (hour,) = worked(data, NOON, NOON + HOUR)
    assert hour.teams == {"support": MADE.plus(MADE)}
    assert (hour.measured.samples, hour.measured.tokens.output) == (2, 5)


def test_nothing_is_known_of_an_empty_ledger(data):
    assert worked(data, 0, NOON) == []
