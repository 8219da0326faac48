"""Token counts of one answer, normalised so that no bucket is billed twice whatever the vendor's shape.

Counts are inclusive: ``input_tokens`` contains the cached and the cache-write tokens, ``output_tokens`` contains
the reasoning tokens. OpenAI and SGLang's chat dialect report that way; Anthropic's Messages reports cached tokens
outside of ``input_tokens`` and is added up on reading (``gateway.wire``).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """What one attempt used, in tokens."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    estimated: bool = False
    """True if the upstream did not report it and the gateway counted."""
