"""What one answer used, normalised so that no bucket is billed twice whatever the vendor's shape.

Counts are inclusive: ``input_tokens`` contains the cached, cache-write, audio and image tokens, ``output_tokens``
contains the reasoning and audio tokens. OpenAI and SGLang's chat dialect report that way; Anthropic's Messages reports
cached tokens outside of ``input_tokens`` and is added up on reading (``gateway.wire.usage``).
"""

from typing import Any, Final

from msgspec import Struct, structs

from gateway.domain.price import ServiceTier

_FIRST: Final = (
    *("input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens"),
    "estimated",
)
"""The fields that records always had; the later ones are left out of a record where they are empty."""


class Usage(Struct, frozen=True):
    """What one attempt used, in tokens."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    """Written to the vendor's cache for any time; those for an hour are among them."""
    output_tokens: int = 0
    reasoning_tokens: int = 0
    estimated: bool = False
    """True if the upstream did not report it and the gateway counted."""
    cache_write_1h_tokens: int = 0
    audio_input_tokens: int = 0
    image_input_tokens: int = 0
    audio_output_tokens: int = 0
    web_searches: int = 0
    """Searches that the vendor's own tool made; a number, no tokens."""
    service_tier: ServiceTier = ""
    """The tier that the answer says it was served in."""

    def as_json(self) -> dict[str, Any]:
        """Return plain data without the later fields that are empty, so that older records keep their bytes."""
        data: dict[str, Any] = structs.asdict(self)
        return {name: value for name, value in data.items() if value or name in _FIRST}
