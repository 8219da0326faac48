"""An hour's bill is shared out to the nano-dollar, and says when an API would have been cheaper."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.label import Clearance
from gateway.domain.price import GpuHour, Price
from gateway.domain.target import Target
from gateway.pricing.hour import IDLE, OTHER, HourTokens, Rates, allocate, comparable, hour_price

PLANNED = Price(1000, 1000, 100, 1000, "gpu")
HOUR = GpuHour(10_000_000_000, 1_000_000)
VENDOR = Price(20 * 10**9, 20 * 10**9, 2 * 10**9, 20 * 10**9, "catalog")


def test_teams_pay_for_what_they_used_and_nobody_for_the_rest():
    price = hour_price(HOUR, PLANNED, {"a": HourTokens(100_000, 0, 100_000), "b": HourTokens(1_000_000, 1_000_000, 0)})

    assert price.shares == {"a": 2_000_000_000, "b": 1_000_000_000, IDLE: 7_000_000_000}
    assert (price.utilization, price.idle) == (0.3, 7_000_000_000)
    assert price.marginal == Rates(10 * 10**9, 10**9, 10 * 10**9)
    assert price.full == Rates(33_333_333_334, 3_333_333_334, 33_333_333_334)


def test_what_the_server_counted_beside_the_ledger_is_other_traffic():
    price = hour_price(HOUR, PLANNED, {"a": HourTokens(100, 50, 100)}, HourTokens(400, 60, 300))

    assert set(price.shares) == {"a", OTHER, IDLE}
    assert price.shares[OTHER] == 10**10 * (290 * 10 + 10 + 200 * 10) // 10_000_000
    assert OTHER not in hour_price(HOUR, PLANNED, {"a": HourTokens(100, 50, 100)}, HourTokens(100, 50, 90)).shares


def test_an_hour_that_did_more_than_was_planned_has_nothing_idle():
    price = hour_price(HOUR, PLANNED, {"a": HourTokens(0, 0, 3_000_000), "b": HourTokens(0, 0, 1_000_000)})

    assert price.shares == {"a": 7_500_000_000, "b": 2_500_000_000, IDLE: 0}
    assert (price.utilization, price.full) == (1.0, price.marginal)


def test_an_hour_of_nothing_is_all_idle_and_any_api_would_have_been_cheaper():
    price = hour_price(HOUR, PLANNED, {}, None, {"v": VENDOR})

    assert (price.shares, price.full, price.utilization) == ({IDLE: HOUR.bill}, None, 0.0)
    (against,) = price.against
    assert (against.cost, against.break_even, against.was_cheaper) == (0, None, True)


@pytest.mark.parametrize(("output", "cheaper"), [(499_999, True), (500_000, False), (600_000, False)])
def test_the_api_is_cheaper_below_the_break_even(output, cheaper):
    (against,) = hour_price(HOUR, PLANNED, {"a": HourTokens(0, 0, output)}, None, {"v": VENDOR}).against

    assert against.was_cheaper is cheaper
    assert against.break_even == pytest.approx(0.5)


def test_free_hardware_is_weighed_by_its_tokens():
    price = hour_price(GpuHour(0, 100), Price(0, 0, 0, 0, "gpu"), {"a": HourTokens(25, 0, 25)})

    assert (price.shares, price.utilization) == ({"a": 0, IDLE: 0}, 0.5)


WEIGHTS = st.dictionaries(st.sampled_from(["a", "b", "c", "d", IDLE]), st.integers(0, 10**12), min_size=1)


@given(st.integers(0, 10**13), WEIGHTS)
def test_shares_sum_to_the_bill_and_are_less_than_a_nano_dollar_off(bill, weights):
    shares, total = allocate(bill, weights), sum(weights.values())

    assert sum(shares.values()) == bill
    if total:
        assert all(abs(share - Fraction(bill * weights[name], total)) < 1 for name, share in shares.items())


COUNTS = st.integers(0, 10**7)
TOKENS = st.builds(lambda plain, cached, out: HourTokens(plain + cached, cached, out), COUNTS, COUNTS, COUNTS)


@given(
    st.builds(GpuHour, st.integers(0, 10**12), st.integers(0, 10**8)),
    st.dictionaries(st.sampled_from("abc"), TOKENS),
    st.none() | TOKENS,
)
def test_every_hour_sums_to_its_bill(hour, teams, counted):
    price = hour_price(hour, PLANNED, teams, counted)

    assert sum(price.shares.values()) == hour.bill
    assert min(price.shares.values()) >= 0
    assert 0 <= price.utilization <= 1
    assert price.full is None or price.marginal.output <= price.full.output


def test_an_hour_is_compared_with_closed_targets_that_do_the_same_kind_of_work():
    def target(name, zone="closed", **more):
        return Target(name, zone, "openai", name, (), Clearance(), PLANNED, {}, 8, 8, **more)

    own, words = target("home", "local"), target("words", space="words")
    targets = {one.id: one for one in (own, target("away"), words, target("own-words", "local", space="own"))}

    assert sorted(comparable(own, targets, 5)) == ["away"]
    assert sorted(comparable(targets["own-words"], targets, 5)) == ["words"]
