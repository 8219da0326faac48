"""What a call cost: rates times usage, in integers, rounded up once at the end."""

from typing import Final

from gateway.domain.money import CostParts, Nanos, ceil_div
from gateway.domain.price import Price
from gateway.domain.target import Target
from gateway.domain.usage import Usage

TOKENS_PER_RATE: Final = 1_000_000
"""Rates are per million tokens."""


def cost(price: Price, usage: Usage) -> Nanos:
    """Return the cost of an answer.

    Counts are inclusive, so each token is billed in one bucket: cached, written to the cache for an hour or for less,
    audio, image or plain on the way in; reasoning, audio or plain on the way out. A vendor whose parts exceed its sum
    never makes the plain part negative.
    """
    total = _input(price, usage) + _output(price, usage)
    return Nanos(ceil_div(total, TOKENS_PER_RATE) + usage.web_searches * (price.web_search or 0))


def parts(price: Price, usage: Usage) -> CostParts:
    """Return what :func:`cost` is made of: each part is exact but for a nano-dollar, and they sum to it."""
    hour = min(usage.cache_write_1h_tokens, usage.cache_write_tokens)
    cached = usage.cached_input_tokens * price.cached_input
    written = (usage.cache_write_tokens - hour) * price.cache_write
    written += hour * _rate(price.cache_write_1h, price.cache_write)
    plain, output = _input(price, usage) - cached - written, _output(price, usage)
    # Each part ends where the running sum does, rounded as the whole is: the differences sum to the whole.
    first = ceil_div(plain, TOKENS_PER_RATE)
    second = ceil_div(plain + cached, TOKENS_PER_RATE) if cached else first
    third = ceil_div(plain + cached + written, TOKENS_PER_RATE) if written else second
    whole = ceil_div(plain + cached + written + output, TOKENS_PER_RATE)
    other = usage.web_searches * (price.web_search or 0)
    return CostParts(second - first, third - second, whole - third, other)


def charge(target: Target, at_ns: int, usage: Usage) -> tuple[Nanos, str]:
    """Return what a call that began at a time is charged at a target, and which price that is."""
    price = target.charge(at_ns, usage.input_tokens, usage.service_tier)
    return cost(price, usage), price.source


def discount(target: Target, at_ns: int, usage: Usage, charged: int) -> int:
    """Return what a contract took off the list price of a call that was charged so much; 0 where there is none."""
    if not target.tariff.periods:
        return 0
    listed = target.listed(at_ns, usage.input_tokens, usage.service_tier)
    return (
        0 if listed is target.charge(at_ns, usage.input_tokens, usage.service_tier) else cost(listed, usage) - charged
    )


def _input(price: Price, usage: Usage) -> int:
    if not (usage.cache_write_tokens or usage.audio_input_tokens or usage.image_input_tokens):
        cached = usage.cached_input_tokens
        return max(usage.input_tokens - cached, 0) * price.input + cached * price.cached_input
    hour = min(usage.cache_write_1h_tokens, usage.cache_write_tokens)
    parts = usage.cached_input_tokens + usage.cache_write_tokens + usage.audio_input_tokens + usage.image_input_tokens
    return (
        max(usage.input_tokens - parts, 0) * price.input
        + usage.cached_input_tokens * price.cached_input
        + (usage.cache_write_tokens - hour) * price.cache_write
        + hour * _rate(price.cache_write_1h, price.cache_write)
        + usage.audio_input_tokens * _rate(price.audio_input, price.input)
        + usage.image_input_tokens * _rate(price.image_input, price.input)
    )


def _output(price: Price, usage: Usage) -> int:
    if not (usage.reasoning_tokens or usage.audio_output_tokens):
        return usage.output_tokens * price.output
    reasoning = min(usage.reasoning_tokens, usage.output_tokens)
    audio = min(usage.audio_output_tokens, usage.output_tokens - reasoning)
    return (
        (usage.output_tokens - reasoning - audio) * price.output
        + reasoning * _rate(price.reasoning, price.output)
        + audio * _rate(price.audio_output, price.output)
    )


def _rate(own: int | None, around: int) -> int:
    """Return a bucket's own rate, a free one too, else that of the bucket around it."""
    return around if own is None else own
