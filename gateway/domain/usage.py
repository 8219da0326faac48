"""What one answer used, normalised so that no bucket is billed twice whatever the vendor's shape.

Counts are inclusive: ``input_tokens`` contains the cached, cache-write, audio and image tokens, ``output_tokens``
contains the reasoning and audio tokens. OpenAI and SGLang's chat dialect report that way; Anthropic's Messages reports
cached tokens outside of ``input_tokens`` and is added up on reading (``gateway.wire.usage``).
"""

from msgspec import Struct, field

from gateway.domain.price import ServiceTier


class Usage(Struct, frozen=True, forbid_unknown_fields=True, gc=False, omit_defaults=True):
    """What one attempt used, in tokens.

    Records always had the first six fields; a later one is left out of them where it is empty, so that older records
    keep their bytes. ``omit_defaults`` leaves out what equals a plain default, never what a factory made.
    """

    input_tokens: int = field(default_factory=int)
    cached_input_tokens: int = field(default_factory=int)
    cache_write_tokens: int = field(default_factory=int)
    """Written to the vendor's cache for any time; those for an hour are among them."""
    output_tokens: int = field(default_factory=int)
    reasoning_tokens: int = field(default_factory=int)
    estimated: bool = field(default_factory=bool)
    """True if the upstream did not report it and the gateway counted."""
    cache_write_1h_tokens: int = 0
    audio_input_tokens: int = 0
    image_input_tokens: int = 0
    audio_output_tokens: int = 0
    web_searches: int = 0
    """Searches that the vendor's own tool made; a number, no tokens."""
    service_tier: ServiceTier = ""
    """The tier that the answer says it was served in."""
