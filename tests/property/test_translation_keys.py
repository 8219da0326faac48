"""Every key of the official SDKs' request types has a verdict: a new key of a vendor fails here, and is looked at."""

from pathlib import Path
from typing import Any, get_type_hints

import anthropic.types as anthropic
import openai.types.chat as openai
import pytest
from anthropic.types.message_create_params import MessageCreateParamsBase
from openai.types import responses
from openai.types.chat.completion_create_params import CompletionCreateParamsBase
from openai.types.responses.response_create_params import ResponseCreateParamsBase
from openai.types.responses.response_custom_tool_call_output_param import ResponseCustomToolCallOutputParam
from openai.types.responses.response_custom_tool_call_param import ResponseCustomToolCallParam
from openai.types.responses.response_input_audio_param import ResponseInputAudioParam
from openai.types.responses.response_input_item_param import AdditionalTools, FunctionCallOutput
from openai.types.responses.response_output_refusal_param import ResponseOutputRefusalParam
from openai.types.responses.response_output_text_param import ResponseOutputTextParam
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
ITEMS = {
    "message": [responses.EasyInputMessageParam, responses.ResponseOutputMessageParam],
    "function_call": [responses.ResponseFunctionToolCallParam],
    "custom_tool_call": [ResponseCustomToolCallParam],
    "function_call_output": [FunctionCallOutput],
    "custom_tool_call_output": [ResponseCustomToolCallOutputParam],
    "reasoning": [responses.ResponseReasoningItemParam],
    "additional_tools": [AdditionalTools],
}
RESPONSES_PARTS = {
    "input_text": responses.ResponseInputTextParam,
    "input_image": responses.ResponseInputImageParam,
    "input_file": responses.ResponseInputFileParam,
    "input_audio": ResponseInputAudioParam,
    "output_text": ResponseOutputTextParam,
    "refusal": ResponseOutputRefusalParam,
}
RESPONSES_TOOLS = {
    "function": responses.FunctionToolParam,
    "custom": responses.CustomToolParam,
    "namespace": responses.NamespaceToolParam,
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
RESPONSES = {
    *("input", "instructions", "max_output_tokens", "tools", "tool_choice", "parallel_tool_calls", "text", "reasoning"),
    *("temperature", "top_p", "stream", "user", "safety_identifier", "service_tier", "include"),
}
"""What both sides have, and must be mapped."""


def keys(kind: Any) -> set[str]:
    return set(get_type_hints(kind))


@pytest.mark.parametrize(
    ("table", "kinds"),
    [
        (verdicts.CHAT, [CompletionCreateParamsBase]),
        (verdicts.MESSAGES, [MessageCreateParamsBase]),
        (verdicts.RESPONSES, [ResponseCreateParamsBase]),
        (verdicts.CHAT_TURN, TURNS),
        (verdicts.CHAT_FUNCTION, [FunctionDefinition]),
        (verdicts.MESSAGE_TOOL, [anthropic.ToolParam]),
        *[(verdicts.CHAT_PARTS[name], [kind]) for name, kind in CHAT_PARTS.items()],
        *[(verdicts.BLOCKS[name], [kind]) for name, kind in BLOCKS.items()],
        *[(verdicts.ITEMS[name], kinds) for name, kinds in ITEMS.items()],
        *[(verdicts.RESPONSES_PARTS[name], [kind]) for name, kind in RESPONSES_PARTS.items()],
        *[(verdicts.RESPONSES_TOOLS[name], [kind]) for name, kind in RESPONSES_TOOLS.items()],
    ],
)
def test_no_key_is_without_a_verdict(table, kinds):
    assert set().union(*map(keys, kinds)) - set(table) == set()


def test_what_both_dialects_have_is_mapped():
    assert {name for name in CHAT if verdicts.CHAT[name] != verdicts.MAP} == set()
    assert {name for name in MESSAGES if verdicts.MESSAGES[name] != verdicts.MAP} == set()
    assert {name for name in RESPONSES if verdicts.RESPONSES[name] != verdicts.MAP} == set()
    assert {
        name for name in verdicts.ONLY_OPENAI if verdicts.chat_for("openai.responses")[name] != verdicts.MAP
    } == set()


def test_the_documentation_names_what_is_dropped_or_refused():
    text = (Path(__file__).parents[2] / "docs" / "translation.md").read_text(encoding="utf-8")
    tables = [verdicts.CHAT, verdicts.MESSAGES, verdicts.CHAT_TURN, verdicts.MESSAGE_TOOL, *verdicts.BLOCKS.values()]
    tables += [verdicts.RESPONSES, *verdicts.ITEMS.values(), *verdicts.RESPONSES_PARTS.values()]
    tables += verdicts.RESPONSES_TOOLS.values()
    lost = {name for table in tables for name, (verdict, _) in table.items() if verdict != "map"}
    assert {name for name in lost if f"`{name}`" not in text} == set()


def test_the_tables_name_all_types_of_parts_that_they_know():
    assert set(verdicts.BLOCKS) == set(BLOCKS)
    assert set(verdicts.CHAT_PARTS) == {*CHAT_PARTS, "file"}
    assert set(verdicts.ITEMS) == set(ITEMS)
    assert set(verdicts.RESPONSES_PARTS) == {*RESPONSES_PARTS, "text"}
    assert set(verdicts.RESPONSES_TOOLS) == set(RESPONSES_TOOLS)
