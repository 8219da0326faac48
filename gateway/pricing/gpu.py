"""The price of our own hardware: what a token costs when a rented GPU makes so many of them a second."""

from decimal import Decimal
from typing import Final

from gateway.domain.money import NANOS_PER_USD, ceil_div
from gateway.domain.price import Price

SECONDS_PER_HOUR: Final = 3600
TOKENS_PER_RATE: Final = 1_000_000


def price_from_gpu(
    gpu_hour_usd: Decimal | float,
    gpus: Decimal | float,
    tokens_per_second: Decimal | float,
    cached_input_ratio: Decimal | float = 0,
) -> Price:
    """Return the planned rates of a self-hosted target.

    ``tokens_per_second`` is the throughput planned for, input and output tokens together: each of them costs
    ``gpu_hour_usd * gpus / (3600 * tokens_per_second)``. Input found in the prefix cache was not prefilled again, so it
    costs ``cached_input_ratio`` of that: nothing unless told otherwise.
    """
    hourly, number, speed, ratio = (
        Decimal(str(value)) for value in (gpu_hour_usd, gpus, tokens_per_second, cached_input_ratio)
    )
    top, bottom = _integers(hourly * number * NANOS_PER_USD * TOKENS_PER_RATE, speed * SECONDS_PER_HOUR)
    rate = ceil_div(top, bottom)
    cached_top, cached_bottom = _integers(Decimal(rate) * ratio, Decimal(1))
    return Price(
        input=rate, output=rate, cached_input=ceil_div(cached_top, cached_bottom), cache_write=rate, source="gpu"
    )


def _integers(numerator: Decimal, denominator: Decimal) -> tuple[int, int]:
    """Return the same quotient as two integers."""
    top, bottom = numerator.as_integer_ratio(), denominator.as_integer_ratio()
    return top[0] * bottom[1], top[1] * bottom[0]
