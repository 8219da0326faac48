"""Settings of a sandbox at its start; what changes afterwards is in `state`."""

from dataclasses import dataclass
from enum import StrEnum


class Vendor(StrEnum):
    """Whose wire a sandbox speaks."""

    SGLANG = "sglang"
    OPENAI = "openai"
    ANTHROPIC = "anthropic"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSettings:
    """The fixed properties of one sandbox.

    Attributes:
        models: Names that the vendor knows. Empty: any name is answered. SGLang never checks names.
        latency: Scale of the latency model; 1 is about the real thing, 0 is as fast as possible.
        api_key: The only key that is accepted. None: SGLang wants none, the others take any.
        accept_bearer: Anthropic: take the key from `Authorization: Bearer` too, where its SDK puts it since 2.x.
        context_length: Prompt plus completion may not be longer, in tokens of four characters.
        reply_tokens: Length of a reply that nothing cuts short. None: a few sentences.
        max_running_requests: How many generations run at once.
        max_queued_requests: How many may wait for that. None: any number; 0: nobody waits.
        cache_tokens: Size of the prefix cache.
        cache_minimum_tokens: OpenAI and Anthropic cache no shorter prefix.
        faults: What is broken from the start, as `NAME` or `NAME=VALUE`.
        allow_header_faults: Let a request break its own answer with `x-sandbox-fault`.
    """

    models: tuple[str, ...] = ()
    latency: float = 0.0
    api_key: str | None = None
    accept_bearer: bool = False
    context_length: int = 131_072
    reply_tokens: int | None = None
    max_running_requests: int = 2048
    max_queued_requests: int | None = None
    cache_tokens: int = 262_144
    cache_minimum_tokens: int = 1024
    faults: tuple[str, ...] = ()
    allow_header_faults: bool = False
