"""What a call is expected to cost, for ranking, and at most, for the hold."""

from collections.abc import Mapping
from typing import Final

from gateway.domain.facts import Facts
from gateway.domain.money import Nanos, ceil_div
from gateway.domain.target import Target
from gateway.pricing.cost import TOKENS_PER_RATE

EXPECTED_OUTPUT_TOKENS: Final = 512
"""Output expected of a call that did not say less: callers ask for far more than answers take."""

DAY_NS: Final = 86_400_000_000_000
_MEDIA: Final = frozenset({"vision", "audio"})

LIMIT_FIELDS: Final = ("max_tokens", "max_completion_tokens", "max_output_tokens")
"""The names that the dialects give to one limit; policy's ``params`` may set it under any of them."""


def output_bound(target: Target, asked: int) -> int:
    """Return the most output tokens of one choice at a target, given what the caller asked for (0: nothing said).

    ``params`` may raise what is asked (``set``, ``default``) or lower it (``clamp``); no answer is longer than the
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
    """Return an upper bound of the cost: a token a byte at the dearest input rate, every choice at full length.

    Every tier counts that the call can get into by its size; of tiers of service the standard one and the one asked
    for. An answer that says it was served in another is charged at that, above the hold if need be.
    """
    return estimates(target, facts)[1]


def estimates(target: Target, facts: Facts) -> tuple[Nanos, Nanos, int]:
    """Return expected cost, upper bound and the most output tokens of one choice."""
    at, tier, choices = facts.day * DAY_NS, facts.service_tier, facts.choices
    output = output_bound(target, facts.max_tokens)
    planned = target.route(at, facts.input_tokens, tier)
    usual = facts.input_tokens * planned.input + min(output, EXPECTED_OUTPUT_TOKENS) * choices * planned.output
    media = not _MEDIA.isdisjoint(facts.needs)
    bound = max(
        facts.input_bytes * (price.dearest_media if media else price.dearest_input)
        + output * choices * price.dearest_output
        for price in target.hold(at, facts.input_bytes, tier)
    )
    return Nanos(ceil_div(usual, TOKENS_PER_RATE)), Nanos(ceil_div(bound, TOKENS_PER_RATE)), output


def _limits(fields: Mapping[str, object]) -> list[int]:
    values = [fields[name] for name in LIMIT_FIELDS if name in fields]
    return [int(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
