"""Usage as each dialect reports it, read into one form: inclusive counts, parts that never exceed their sum.

Source: OpenAI API reference ("usage", "service_tier"), Anthropic API reference ("usage"), the shapes that litellm 1.106
gives when it bridges, and SGLang 0.5.23 as recorded.
"""

from collections.abc import Mapping
from typing import Any, Final

from gateway.domain.price import ServiceTier
from gateway.domain.usage import Usage
from gateway.wire.fields import whole

_TIERS: Final[Mapping[str, ServiceTier]] = {"batch": "batch", "flex": "flex", "priority": "priority"}

_PLAIN: Final = frozenset({"prompt_tokens", "completion_tokens", "total_tokens"})


def service_tier(named: Any) -> ServiceTier:
    """Return the tier that a word stands for; ``default``, ``standard`` and unknown words are the plain one."""
    return _TIERS.get(named, "") if isinstance(named, str) else ""


def openai_usage(reported: Any, tier: Any = None) -> Usage | None:
    """Return inclusive usage from OpenAI's ``usage`` object; None if there is none.

    Cached tokens are inside of ``prompt_tokens``. Reasoning tokens are inside of ``completion_tokens``, unless the sum
    that the vendor itself gives says that they were left out (xAI): then they are added, once.
    """
    if not isinstance(reported, dict):
        return None
    prompt, output = whole(reported.get("prompt_tokens")), whole(reported.get("completion_tokens"))
    if _PLAIN.issuperset(reported):
        return Usage(input_tokens=prompt, output_tokens=output, service_tier=service_tier(tier))
    took, made = (_part(reported, name) for name in ("prompt_tokens_details", "completion_tokens_details"))
    reasoning = whole(made.get("reasoning_tokens", reported.get("reasoning_tokens")))
    if reasoning and whole(reported.get("total_tokens")) == prompt + output + reasoning:
        output += reasoning
    cached = min(whole(took.get("cached_tokens", reported.get("prompt_cache_hit_tokens"))), prompt)
    written = min(whole(took.get("cache_creation_tokens", took.get("cache_write_tokens"))), prompt - cached)
    hour = whole(_part(took, "cache_creation_token_details").get("ephemeral_1h_input_tokens"))
    audio = min(whole(took.get("audio_tokens")), prompt - cached - written)
    return Usage(
        input_tokens=prompt,
        cached_input_tokens=cached,
        cache_write_tokens=written,
        output_tokens=output,
        reasoning_tokens=min(reasoning, output),
        cache_write_1h_tokens=min(hour, written),
        audio_input_tokens=audio,
        image_input_tokens=min(whole(took.get("image_tokens")), prompt - cached - written - audio),
        audio_output_tokens=min(whole(made.get("audio_tokens")), output - min(reasoning, output)),
        web_searches=whole(_part(reported, "server_tool_use").get("web_search_requests")),
        service_tier=service_tier(tier),
    )


def responses_usage(reported: Any, tier: Any = None) -> Usage | None:
    """Return inclusive usage from the ``usage`` of Responses; None if there is none.

    Cached and written tokens are inside of ``input_tokens``, reasoning inside of ``output_tokens``.
    """
    if not isinstance(reported, dict):
        return None
    given, output = whole(reported.get("input_tokens")), whole(reported.get("output_tokens"))
    took, made = _part(reported, "input_tokens_details"), _part(reported, "output_tokens_details")
    cached = min(whole(took.get("cached_tokens")), given)
    return Usage(
        input_tokens=given,
        cached_input_tokens=cached,
        cache_write_tokens=min(whole(took.get("cache_write_tokens")), given - cached),
        output_tokens=output,
        reasoning_tokens=min(whole(made.get("reasoning_tokens")), output),
        service_tier=service_tier(tier),
    )


def anthropic_usage(reported: Any, before: Usage | None = None) -> Usage | None:
    """Return inclusive usage from a Messages ``usage`` object.

    Cached tokens are outside of ``input_tokens`` there and are added. Counts are cumulative in a stream: a later
    report replaces an earlier one field by field, it is never added to it.
    """
    if not isinstance(reported, dict):
        return before
    known = before or Usage()
    read = _count(reported, "cache_read_input_tokens", known.cached_input_tokens)
    kinds = _part(reported, "cache_creation")
    hour = _count(kinds, "ephemeral_1h_input_tokens", known.cache_write_1h_tokens)
    short = _count(kinds, "ephemeral_5m_input_tokens", known.cache_write_tokens - known.cache_write_1h_tokens)
    written = _count(reported, "cache_creation_input_tokens", hour + short)
    plain_before = known.input_tokens - known.cached_input_tokens - known.cache_write_tokens
    plain = _count(reported, "input_tokens", plain_before)
    tier = reported.get("service_tier")
    return Usage(
        input_tokens=plain + read + written,
        cached_input_tokens=read,
        cache_write_tokens=written,
        output_tokens=_count(reported, "output_tokens", known.output_tokens),
        cache_write_1h_tokens=min(hour, written),
        web_searches=_count(_part(reported, "server_tool_use"), "web_search_requests", known.web_searches),
        service_tier=known.service_tier if tier is None else service_tier(tier),
    )


def _part(tree: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object inside of another; an empty one for anything else."""
    value = tree.get(name)
    return value if isinstance(value, dict) else {}


def _count(reported: Mapping[str, Any], name: str, otherwise: int) -> int:
    return whole(reported[name]) if isinstance(reported.get(name), int) else otherwise
