import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pricing.gpu import price_from_gpu


def test_a_token_costs_its_share_of_the_hour():
    price = price_from_gpu(3.6, 2, 1000)

    assert price.input == price.output == price.cache_write == 2_000_000_000
    assert (price.cached_input, price.source) == (0, "gpu")


def test_cached_input_costs_the_ratio_it_is_given():
    assert price_from_gpu(3.6, 1, 1000, 0.25).cached_input == 250_000_000


def test_rates_are_rounded_up():
    assert price_from_gpu(2.5, 1, 2400).input == 289_351_852


@given(st.floats(0, 1000), st.integers(1, 64), st.floats(0.001, 10**6))
def test_more_gpus_never_cost_less_and_nothing_is_negative(hour, gpus, speed):
    one, more = price_from_gpu(hour, gpus, speed), price_from_gpu(hour, gpus + 1, speed)

    assert 0 <= one.input <= more.input


def test_no_throughput_is_no_price():
    with pytest.raises(ZeroDivisionError):
        price_from_gpu(1, 1, 0)
