"""The dialects that are served, by their names."""

from collections.abc import Mapping
from typing import Final

from gateway.domain.target import Dialect as DialectName
from gateway.wire.anthropic_messages import AnthropicMessages
from gateway.wire.dialect import Dialect
from gateway.wire.openai_chat import OpenAIChat
from gateway.wire.openai_responses import OpenAIResponses

DIALECTS: Final[Mapping[DialectName, Dialect]] = {
    one.name: one for one in (OpenAIChat(), AnthropicMessages(), OpenAIResponses())
}
