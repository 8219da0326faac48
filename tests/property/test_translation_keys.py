"""Every key of the official SDKs' request types has a verdict: a new key of a vendor fails here, and is looked at."""

from pathlib import Path
from typing import Any, get_type_hints

import anthropic.types as anthropic
import openai.types.chat as openai
import pytest
from anthropic.types.message_create_params import MessageCreateParamsBase
from openai.types.chat.completion_create_params import CompletionCreateParamsBase
from openai.types.shared_params import FunctionDefinition

from gateway.wire.translate import verdicts

CHAT_PARTS = {
    "text": openai.ChatCompletionContentPartTextParam,
    "refusal": openai.ChatCompletionContentPartRefusalParam,
    "image_url": openai.ChatCompletionContentPartImageParam,
    "input_audio": openai.ChatCompletionContentPartInputAudioParam,
}
BLOCKS = {
    "text": anthropic.TextBlockParam,
    "image": anthropic.ImageBlockParam,
    "document": anthropic.DocumentBlockParam,
    "thinking": anthropic.ThinkingBlockParam,
    "redacted_thinking": anthropic.RedactedThinkingBlockParam,
    "tool_use": anthropic.ToolUseBlockParam,
    "tool_result": anthropic.ToolResultBlockParam,
}
TURNS = [
    openai.ChatCompletionSystemMessageParam,
    openai.ChatCompletionDeveloperMessageParam,
    openai.ChatCompletionUserMessageParam,
    openai.ChatCompletionAssistantMessageParam,
    openai.ChatCompletionToolMessageParam,
]
CHAT = {
    *("messages", "max_tokens", "max_completion_tokens", "tools", "tool_choice", "parallel_tool_calls", "stop"),
    *("response_format", "reasoning_effort", "temperature", "top_p", "stream", "user", "service_tier"),
}
MESSAGES = {
    *("messages", "system", "max_tokens", "tools", "tool_choice", "stop_sequences", "thinking", "output_config"),
    *("temperature", "top_p", "stream", "metadata", "service_tier"),
}
"""What both sides have, and must be mapped."""


def keys(kind: Any) -> set[str]:
    return set(get_type_hints(kind))


@pytest.mark.parametrize(
    ("table", "kinds"),
    [
        (verdicts.CHAT, [CompletionCreateParamsBase]),
        (verdicts.MESSAGES, [MessageCreateParamsBase]),
        (verdicts.CHAT_TURN, TURNS),
        (verdicts.CHAT_FUNCTION, [FunctionDefinition]),
        (verdicts.MESSAGE_TOOL, [anthropic.ToolParam]),
        *[(verdicts.CHAT_PARTS[name], [kind]) for name, kind in CHAT_PARTS.items()],
        *[(verdicts.BLOCKS[name], [kind]) for name, kind in BLOCKS.items()],
    ],
)
def test_no_key_is_without_a_verdict(table, kinds):
    assert set().union(*map(keys, kinds)) - set(table) == set()


def test_what_both_dialects_have_is_mapped():
    assert {name for name in CHAT if verdicts.CHAT[name] != verdicts.MAP} == set()
    assert {name for name in MESSAGES if verdicts.MESSAGES[name] != verdicts.MAP} == set()


def test_the_documentation_names_what_is_dropped_or_refused():
    text = (Path(__file__).parents[2] / "docs" / "translation.md").read_text(encoding="utf-8")
    tables = [verdicts.CHAT, verdicts.MESSAGES, verdicts.CHAT_TURN, verdicts.MESSAGE_TOOL, *verdicts.BLOCKS.values()]
    lost = {name for table in tables for name, (verdict, _) in table.items() if verdict != "map"}
    assert {name for name in lost if f"`{name}`" not in text} == set()


def test_the_tables_name_all_types_of_parts_that_they_know():
    assert set(verdicts.BLOCKS) == set(BLOCKS)
    assert set(verdicts.CHAT_PARTS) == {*CHAT_PARTS, "file"}
