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
    taken, output = _sides(price, usage)
    whole = ceil_div(taken + output, TOKENS_PER_RATE)
    return Nanos(whole + usage.web_searches * (price.web_search or 0) if usage.web_searches else whole)


def parts(price: Price, usage: Usage) -> CostParts:
    """Return what :func:`cost` is made of: each part is exact but for a nano-dollar, and they sum to it."""
    hour = min(usage.cache_write_1h_tokens, usage.cache_write_tokens)
    cached = usage.cached_input_tokens * price.cached_input
    written = (usage.cache_write_tokens - hour) * price.cache_write
    written += hour * _rate(price.cache_write_1h, price.cache_write)
    taken, output = _sides(price, usage)
    plain = taken - cached - written
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


def _sides(price: Price, usage: Usage) -> tuple[int, int]:
    """Return what input and output cost, times :data:`TOKENS_PER_RATE`."""
    cached, reasoning, audio_output = usage.cached_input_tokens, usage.reasoning_tokens, usage.audio_output_tokens
    written, audio, images = usage.cache_write_tokens, usage.audio_input_tokens, usage.image_input_tokens
    taken = max(usage.input_tokens - cached - written - audio - images, 0) * price.input + cached * price.cached_input
    if written or audio or images:
        hour = min(usage.cache_write_1h_tokens, written)
        taken += (
            (written - hour) * price.cache_write
            + hour * _rate(price.cache_write_1h, price.cache_write)
            + audio * _rate(price.audio_input, price.input)
            + images * _rate(price.image_input, price.input)
        )
    output = usage.output_tokens
    if not (reasoning or audio_output):
        return taken, output * price.output
    reasoning = min(reasoning, output)
    audio_output = min(audio_output, output - reasoning)
    return taken, (
        (output - reasoning - audio_output) * price.output
        + reasoning * _rate(price.reasoning, price.output)
        + audio_output * _rate(price.audio_output, price.output)
    )


def _rate(own: int | None, around: int) -> int:
    """Return a bucket's own rate, a free one too, else that of the bucket around it."""
    return around if own is None else own
