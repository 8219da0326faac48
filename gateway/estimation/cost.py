"""What a call is expected to cost, for ranking, and at most, for the hold."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from gateway.domain.facts import UNBOUNDED, Facts
from gateway.domain.money import Nanos, ceil_div
from gateway.domain.price import Price
from gateway.domain.target import Target
from gateway.pricing.cost import TOKENS_PER_RATE

EXPECTED_OUTPUT_TOKENS: Final = 512
"""Output expected of a call that did not say less: callers ask for far more than answers take."""

DAY_NS: Final = 86_400_000_000_000
MOST_IMAGE_TOKENS: Final = 50_000
"""No vendor reads a picture as more: the most expensive known is gpt-4o-mini's, 2,833 and 5,667 for each of 8 tiles."""
TOOL_TOKENS: Final = 4000
"""What vendors add to the input of a call with tools, at the most: their own words on how to use them (Anthropic: up to
530 tokens, and for its own tools up to 735 each), of which the body has no byte."""
ASSUMED_FETCHES: Final = 10
"""Assumed number of fetches where there is no limit, and no true bound is needed."""
NO_BOUND: Final = (
    "a strict budget pays no call whose cost has no bound: give each of the vendor's own tools max_uses or drop it"
)
_MEDIA: Final = frozenset({"vision", "audio"})
_SEARCHING: Final = ("-search-preview", "-search-api")
"""Models that search in every call, requested or not."""

LIMIT_FIELDS: Final = ("max_tokens", "max_completion_tokens", "max_output_tokens")
"""The names that the dialects give to one limit; policy's ``params`` may set it under any of them."""


def output_bound(target: Target, asked: int) -> int:
    """Return the most output tokens of one choice at a target, given the limit that the caller set (0: none).

    ``params`` may raise that limit (``set``, ``default``) or lower it (``clamp``); no answer is longer than the
    target's own limit. Without a limit in the request a clamp has nothing to clamp and does not count.
    """
    params = target.params
    if params.set:
        asked = max([asked, *_limits(params.set)])
    if params.default and not asked:
        asked = max(_limits(params.default), default=0)
    if params.clamp and asked:
        asked = min([asked, *_limits(params.clamp)])
    return min(asked, target.max_output_tokens) if asked > 0 else target.max_output_tokens


def expected(target: Target, facts: Facts) -> Nanos:
    """Return the expected cost: estimated input, nothing cached, a usual answer."""
    return estimates(target, facts)[0]


def hold(target: Target, facts: Facts) -> Nanos:
    """Return an upper bound of the cost: a token a byte at the highest input rate, every choice at full length.

    Pictures come on top. Each time that the vendor may fetch more input it is taken to read a full window once more,
    and to bill a search. Without a limit on that there is no bound (:func:`is_bounded`): ten times are taken.

    Every tier counts that the call can get into by its size; of tiers of service the standard one and the one asked
    for. An answer that says it was served in another is charged at that, above the hold if need be.
    """
    return estimates(target, facts)[1]


def estimates(target: Target, facts: Facts) -> tuple[Nanos, Nanos, int]:
    """Return expected cost, upper bound and the most output tokens of one choice."""
    at, tier, choices, tokens = facts.day * DAY_NS, facts.service_tier, facts.choices, facts.input_tokens
    output, times = output_bound(target, facts.max_tokens), fetches(target, facts)
    most, media = _input_bound(target, facts, times), facts.needs and not _MEDIA.isdisjoint(facts.needs)
    planned: Price = target.price
    prices: tuple[Price, ...] = (planned,)
    if target.tariff.periods:
        planned, prices = target.route(at, tokens, tier), target.hold(at, most, tier)
    usual = tokens * planned.input + min(output, EXPECTED_OUTPUT_TOKENS) * choices * planned.output
    bound = 0
    for price in prices:
        found = most * (price.dearest_media if media else price.dearest_input) + output * choices * price.dearest_output
        if times and price.web_search:
            found += times * price.web_search * TOKENS_PER_RATE
        bound = max(bound, found)
    return Nanos(ceil_div(usual, TOKENS_PER_RATE)), Nanos(ceil_div(bound, TOKENS_PER_RATE)), output


def is_bounded(facts: Facts) -> bool:
    """Return whether the cost of a call has a bound: not if the vendor's tools may fetch input without limit."""
    return facts.fetches != UNBOUNDED


def input_bound(target: Target, facts: Facts) -> int:
    """Return the most input tokens of a call at a target, those of every round of the vendor's own tools together."""
    return _input_bound(target, facts, fetches(target, facts))


def fetches(target: Target, facts: Facts) -> int:
    """Return how often more input may be fetched at a target; an assumption where there is no limit."""
    times = facts.fetches
    return ASSUMED_FETCHES if times == UNBOUNDED else times or _searches(target.model)


def _input_bound(target: Target, facts: Facts, times: int) -> int:
    most = facts.input_bytes + facts.images * MOST_IMAGE_TOKENS
    if facts.has_tools:
        most += TOOL_TOKENS
    return max(most, target.context_window) * (times + 1) if times else most


@lru_cache(maxsize=1024)
def _searches(model: str) -> int:
    """Return how often a model of the policy searches in every call."""
    return int(any(word in model for word in _SEARCHING))


def _limits(fields: Mapping[str, object]) -> list[int]:
    values = [fields[name] for name in LIMIT_FIELDS if name in fields]
    return [int(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
