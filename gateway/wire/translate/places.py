"""Where in the caller's request something is that is not sent, in the words of the caller's dialect.

Writers do not know who called: they name a place as OpenAI's chat has it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from gateway.domain.target import Dialect
from gateway.wire.translate.hub import Loss

_WORDS: Final[Mapping[Dialect, Mapping[str, str]]] = {
    "openai.responses": {
        "max_tokens": "max_output_tokens",
        "metadata.user_id": "user",
        "reasoning_content": "input.reasoning",
        "reasoning_effort": "reasoning.effort",
        "response_format": "text.format",
        "response_format.json_schema.name": "text.format.name",
        "response_format.json_schema.strict": "text.format.strict",
        "thinking": "input.reasoning",
    },
    "openai.chat": {"metadata.user_id": "user"},
    "anthropic.messages": {
        "reasoning_effort": "thinking",
        "response_format.json_schema.strict": "output_config.format",
        "stop": "stop_sequences",
    },
}


def in_callers_words(losses: Iterable[Loss], dialect: Dialect) -> tuple[Loss, ...]:
    """Return losses whose places are the caller's."""
    words = _WORDS.get(dialect, {})
    return tuple([replace(loss, path=words.get(loss.path, loss.path)) for loss in losses])
