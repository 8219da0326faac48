"""What becomes of each key of a request when its target speaks the other dialect: mapped, dropped and told, or refused.

A reader looks every key up here, so none is lost without a word. ``tests/property/test_translation_keys.py`` holds the
table against the key lists of the official SDKs' types.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from gateway.wire.body import Tree
from gateway.wire.translate.hub import Losses, Unsupported, Verdict

Rule = tuple[Verdict, str]
Table = Mapping[str, Rule]
MAP: Final[Rule] = ("map", "")
_SAMPLING: Final[Rule] = ("drop", "the target's dialect has no such sampling parameter")
_VENDOR: Final[Rule] = ("drop", "it concerns a service of the vendor whose dialect it is")
_STATE: Final[Rule] = ("refuse", "it names something that is kept at another vendor")

_COUNTS_FROM_ZERO: Final = frozenset({"seed"})
"""Keys for which zero is a value like any other."""

CHAT: Final[Table] = {
    **dict.fromkeys(("messages", "model", "max_tokens", "max_completion_tokens", "parallel_tool_calls"), MAP),
    **dict.fromkeys(("reasoning_effort", "response_format", "stop", "stream", "stream_options", "temperature"), MAP),
    **dict.fromkeys(("top_p", "tools", "tool_choice", "user", "safety_identifier", "service_tier", "n"), MAP),
    **dict.fromkeys(("frequency_penalty", "presence_penalty", "logit_bias", "seed", "top_k", "min_p"), _SAMPLING),
    **dict.fromkeys(("repetition_penalty", "verbosity", "prediction"), _SAMPLING),
    **dict.fromkeys(("logprobs", "top_logprobs"), ("drop", "the target's dialect reports no log-probabilities")),
    **dict.fromkeys(("metadata", "store", "moderation", "prompt_cache_key", "prompt_cache_retention"), _VENDOR),
    "prompt_cache_options": _VENDOR,
    **dict.fromkeys(("audio", "modalities"), ("refuse", "the target's dialect gives no sound; leave it out")),
    **dict.fromkeys(("functions", "function_call"), ("refuse", "is replaced by `tools` and `tool_choice`: use those")),
    "web_search_options": ("refuse", "the target's dialect has no search of this vendor; leave it out"),
}
"""Fields of ``/v1/chat/completions``."""

ONLY_OPENAI: Final = (
    *("logprobs", "top_logprobs", "metadata", "moderation", "prompt_cache_key", "prompt_cache_retention"),
    *("prompt_cache_options", "verbosity"),
)
"""What OpenAI's two dialects have and nobody else has."""
_CHAT_FOR_RESPONSES: Final[Table] = {**CHAT, **dict.fromkeys(ONLY_OPENAI, MAP)}


def chat_for(wanted: str) -> Table:
    """Return the verdicts on fields of chat for a target's dialect."""
    return _CHAT_FOR_RESPONSES if wanted == "openai.responses" else CHAT


MESSAGES: Final[Table] = {
    **dict.fromkeys(("messages", "model", "max_tokens", "metadata", "output_config", "output_format", "system"), MAP),
    **dict.fromkeys(("service_tier", "stop_sequences", "stream", "temperature", "thinking"), MAP),
    **dict.fromkeys(("tool_choice", "tools", "top_p"), MAP),
    "top_k": _SAMPLING,
    "cache_control": ("drop", "the target caches by itself"),
    **dict.fromkeys(("context_management", "compaction", "diagnostics", "speed", "billing_policy"), _VENDOR),
    **dict.fromkeys(("betas", "fallback_credit_token", "user_profile_id", "workspace_id"), _VENDOR),
    **dict.fromkeys(("container", "thread"), _STATE),
    "fallbacks": _VENDOR,
    "mcp_servers": ("refuse", "the target calls no servers of tools by itself; leave it out"),
    "inference_geo": ("refuse", "no other vendor promises this place; let policy choose by region"),
}
"""Fields of ``/v1/messages``."""

CHAT_TURN: Final[Table] = {
    **dict.fromkeys(("role", "content", "tool_calls", "tool_call_id", "refusal"), MAP),
    **dict.fromkeys(("reasoning_content", "reasoning", "reasoning_details", "thinking_blocks"), MAP),
    "name": ("drop", "the target's dialect has no names of speakers"),
    "annotations": ("drop", "notes on an earlier answer are for people"),
    "audio": ("refuse", "an earlier spoken answer is kept at another vendor; send its transcript"),
    "function_call": ("refuse", "is replaced by `tool_calls`: use those"),
}
CHAT_CALL: Final[Table] = dict.fromkeys(("id", "type", "function", "custom", "index"), MAP)
CHAT_TOOL: Final[Table] = dict.fromkeys(("type", "function", "custom"), MAP)
CHAT_CUSTOM: Final[Table] = dict.fromkeys(("name", "description", "format"), MAP)
CHAT_FUNCTION: Final[Table] = dict.fromkeys(("name", "description", "parameters", "strict"), MAP)
CHAT_PARTS: Final[Mapping[str, Table]] = {
    "text": dict.fromkeys(("type", "text", "cache_control", "prompt_cache_breakpoint"), MAP),
    "refusal": dict.fromkeys(("type", "refusal"), MAP),
    "image_url": dict.fromkeys(("type", "image_url", "cache_control", "prompt_cache_breakpoint"), MAP),
    "file": dict.fromkeys(("type", "file", "cache_control", "prompt_cache_breakpoint"), MAP),
    "input_audio": dict.fromkeys(("type", "input_audio", "prompt_cache_breakpoint"), MAP),
}
"""Types of parts of OpenAI's messages."""

_CITED: Final[Rule] = ("drop", "the target's dialect has no citations")
_TOOLSET: Final[Rule] = ("refuse", "the target does not know the vendor's own tools")
MESSAGE_TURN: Final[Table] = dict.fromkeys(("role", "content"), MAP)
BLOCKS: Final[Mapping[str, Table]] = {
    "text": {**dict.fromkeys(("type", "text", "cache_control"), MAP), "citations": _CITED},
    "image": {
        **dict.fromkeys(("type", "source", "cache_control"), MAP),
        "transformations": ("refuse", "the target changes no pictures; send it as it is meant"),
    },
    "document": {
        **dict.fromkeys(("type", "source", "title", "cache_control"), MAP),
        "citations": _CITED,
        "context": ("drop", "the target's dialect has no notes on files"),
    },
    "thinking": dict.fromkeys(("type", "thinking", "signature"), MAP),
    "redacted_thinking": dict.fromkeys(("type", "data"), MAP),
    "tool_use": {
        **dict.fromkeys(("type", "id", "name", "input", "cache_control"), MAP),
        "caller": ("drop", "the target's dialect does not say who calls a tool"),
        "toolset_name": _TOOLSET,
    },
    "tool_result": {
        **dict.fromkeys(("type", "tool_use_id", "content", "is_error", "cache_control"), MAP),
        "toolset_name": _TOOLSET,
    },
}
"""Types of Anthropic's content blocks; all others are of the vendor's own tools."""

SEARCH_RESULT: Final[Table] = {
    **dict.fromkeys(("type", "title", "source", "content"), MAP),
    "citations": _CITED,
    "cache_control": ("drop", "the target caches by itself"),
}
"""A block that becomes several texts."""

MESSAGE_TOOL: Final[Table] = {
    **dict.fromkeys(("type", "name", "description", "input_schema", "strict", "cache_control"), MAP),
    "allowed_callers": ("drop", "the target's dialect does not say who may call a tool"),
    "defer_loading": ("drop", "the target loads all tools at once"),
    "eager_input_streaming": ("drop", "the target streams arguments as it does"),
    "input_examples": ("drop", "the target's dialect has no examples of calls"),
}

RESPONSES: Final[Table] = {
    **dict.fromkeys(("input", "instructions", "model", "max_output_tokens", "parallel_tool_calls", "reasoning"), MAP),
    **dict.fromkeys(("stream", "stream_options", "temperature", "top_p", "text", "tools", "tool_choice"), MAP),
    **dict.fromkeys(("user", "safety_identifier", "service_tier", "include", "truncation"), MAP),
    "top_logprobs": ("drop", "the target's dialect reports no log-probabilities"),
    "store": ("drop", "the answer is stored nowhere; send the whole conversation with each call"),
    "max_tool_calls": ("drop", "the target runs no tools by itself"),
    "context_management": ("drop", "the target compacts nothing; shorten the conversation yourself"),
    **dict.fromkeys(("metadata", "moderation", "prompt_cache_key", "prompt_cache_retention"), _VENDOR),
    **dict.fromkeys(("prompt_cache_options", "client_metadata"), _VENDOR),
    "background": ("refuse", "answers are not kept to be fetched later; leave it out"),
    "previous_response_id": ("refuse", "the earlier answer is not kept at this target; send the whole conversation"),
    "conversation": ("refuse", "the conversation is not kept at this target; send all of it as `input`"),
    "prompt": ("refuse", "the template is kept at another vendor; send its text"),
}
"""Fields of ``/v1/responses``."""

_STATUS: Final = ("type", "id", "status")
"""Which item it is, and how far it came: nothing that another dialect has, and nothing is lost."""
_PHASE: Final[Rule] = ("drop", "the target's dialect does not tell interim remarks from the answer")
_PROGRAM: Final[Rule] = ("drop", "the target's dialect does not say who calls a tool")
_BREAK: Final = "prompt_cache_breakpoint"
ITEMS: Final[Mapping[str, Table]] = {
    "message": {**dict.fromkeys((*_STATUS, "role", "content"), MAP), "phase": _PHASE},
    "function_call": {
        **dict.fromkeys((*_STATUS, "call_id", "name", "arguments", "namespace"), MAP),
        "caller": _PROGRAM,
    },
    "custom_tool_call": {
        **dict.fromkeys((*_STATUS, "call_id", "name", "input", "namespace"), MAP),
        "caller": _PROGRAM,
    },
    "function_call_output": {
        **dict.fromkeys((*_STATUS, "call_id", "output", "name", "namespace"), MAP),
        "caller": _PROGRAM,
    },
    "custom_tool_call_output": {**dict.fromkeys((*_STATUS, "call_id", "output"), MAP), "caller": _PROGRAM},
    "reasoning": dict.fromkeys((*_STATUS, "summary", "content", "encrypted_content"), MAP),
    "additional_tools": dict.fromkeys((*_STATUS, "role", "tools"), MAP),
}
"""Types of items of Responses; all others are of the vendor's own tools, or kept there."""

RESPONSES_PARTS: Final[Mapping[str, Table]] = {
    "input_text": dict.fromkeys(("type", "text", _BREAK), MAP),
    "text": dict.fromkeys(("type", "text"), MAP),
    "output_text": {
        **dict.fromkeys(("type", "text"), MAP),
        "annotations": ("drop", "notes on an earlier answer are for people"),
        "logprobs": ("drop", "the target's dialect takes no log-probabilities"),
    },
    "refusal": dict.fromkeys(("type", "refusal"), MAP),
    "input_image": dict.fromkeys(("type", "detail", "file_id", "image_url", _BREAK), MAP),
    "input_file": {
        **dict.fromkeys(("type", "file_data", "file_id", "file_url", "filename", _BREAK), MAP),
        "detail": ("drop", "the target's dialect reads files in one way"),
    },
    "input_audio": dict.fromkeys(("type", "input_audio"), MAP),
}
"""Types of parts of Responses' messages."""

_OUTPUT_SCHEMA: Final[Rule] = ("drop", "the target's dialect describes no results")
_LOADING: Final[Rule] = ("drop", "the target loads all tools at once")
_CALLERS: Final[Rule] = ("drop", "the target's dialect does not say who may call a tool")
RESPONSES_TOOLS: Final[Mapping[str, Table]] = {
    "function": {
        **dict.fromkeys(("type", "name", "description", "parameters", "strict"), MAP),
        "output_schema": _OUTPUT_SCHEMA,
        "defer_loading": _LOADING,
        "allowed_callers": _CALLERS,
    },
    "custom": {
        **dict.fromkeys(("type", "name", "description", "format"), MAP),
        "defer_loading": _LOADING,
        "allowed_callers": _CALLERS,
    },
    "namespace": dict.fromkeys(("type", "name", "description", "tools"), MAP),
}
"""Types of tools that the caller runs; the vendor runs all others."""


def take(tree: Tree, table: Table, path: str, losses: Losses) -> Tree:
    """Return the keys of an object that are mapped; note what is dropped. A null, and what has no effect, is nothing.

    Raises:
        Unsupported: it has a key that may not be dropped.
    """
    kept: Tree = {}
    for name, value in tree.items():
        if value is None:
            continue
        verdict, why = table.get(name, ("drop", "it is not known here, so it is not sent in another dialect"))
        place = f"{path}.{name}" if path else name
        if verdict == "map":
            kept[name] = value
        elif name not in _COUNTS_FROM_ZERO and _is_nothing(value):
            continue
        elif verdict == "refuse":
            raise Unsupported(place, why)
        else:
            losses.lose(place, why)
    return kept


def _is_nothing(value: Any) -> bool:
    """Return whether a value is what a field has anyway: false, zero, empty, only text."""
    return value is False or value in (0, "", ["text"]) or (isinstance(value, Iterable) and not value)
