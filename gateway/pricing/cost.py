"""What a call cost: rates times usage, in integers, rounded up once at the end."""

from typing import Final

from gateway.domain.money import Nanos, ceil_div
from gateway.domain.target import Price
from gateway.domain.usage import Usage

TOKENS_PER_RATE: Final = 1_000_000
"""Rates are per million tokens."""


def cost(price: Price, usage: Usage) -> Nanos:
    """Return the cost of an answer.

    Input counts are inclusive, so each token is billed in one bucket: cached, cache-write or plain. A vendor whose
    parts exceed its sum never makes the plain part negative.
    """
    uncached = max(usage.input_tokens - usage.cached_input_tokens - usage.cache_write_tokens, 0)
    total = (
        uncached * price.input
        + usage.cached_input_tokens * price.cached_input
        + usage.cache_write_tokens * price.cache_write
        + usage.output_tokens * price.output
    )
    return Nanos(ceil_div(total, TOKENS_PER_RATE))
