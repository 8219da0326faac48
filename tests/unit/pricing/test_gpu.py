from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pricing.gpu import Hardware


def test_a_token_costs_its_share_of_the_hour():
    price = Hardware(Decimal(1000), lease_usd_per_hour=Decimal("7.2")).planned()

    assert price.input == price.output == price.cache_write == 2_000_000_000
    assert (price.cached_input, price.source) == (0, "gpu")


def test_cached_input_costs_the_ratio_it_is_given():
    hardware = Hardware(Decimal(1000), Decimal("3.6"), cached_input_ratio=Decimal("0.25"))

    assert hardware.planned().cached_input == 250_000_000


def test_rates_are_rounded_up():
    assert Hardware(Decimal(2400), Decimal("2.5")).planned().input == 289_351_852


def test_at_half_the_load_a_token_costs_twice_as_much():
    full, half = (Hardware(Decimal(1000), Decimal("3.6"), utilization=share) for share in (Decimal(1), Decimal("0.5")))

    assert half.planned().input == 2 * full.planned().input
    assert half.bill() == full.bill() == 3_600_000_000
    assert half.tokens() == 3_600_000


def test_what_is_bought_costs_its_depreciation_and_power_and_people_are_charged_not_ranked_by():
    own = Hardware(
        tokens_per_second=Decimal(1000),
        purchase_usd=Decimal(8760 * 3),
        depreciation_years=Decimal(3),
        power_usd_per_hour=Decimal("0.5"),
        staff_usd_per_hour=Decimal("2.1"),
    )

    assert own.planned().input == -(-1_500_000_000 * 10 // 36)
    assert (own.loaded().input, own.loaded().source) == (1_000_000_000, "gpu:loaded")
    assert own.bill() == 3_600_000_000


MONEY = st.decimals(0, 1000, places=4)


@given(MONEY, MONEY, st.decimals("0.001", 10**6, places=3), st.decimals("0.01", 1, places=2))
def test_what_is_charged_is_never_less_than_what_is_ranked_by(lease, staff, speed, share):
    hardware = Hardware(speed, lease, staff_usd_per_hour=staff, utilization=share)

    assert 0 <= hardware.planned().input <= hardware.loaded().input


def test_no_throughput_is_no_price():
    with pytest.raises(ZeroDivisionError):
        Hardware(Decimal(0), Decimal(1)).planned()
