"""Everything that is sent is walked: each string of the body, keys and values alike, and what cannot be read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

_READABLE: Final = frozenset(
    {
        "text",
        "message",
        "input_text",
        "output_text",
        "refusal",
        "thinking",
        "tool_use",
        "tool_result",
        "tool_reference",
        "search_result",
    }
)
"""Content parts whose whole matter is in strings that are walked anyway."""

_KNOWN_PARTS: Final = frozenset(
    {"document", "file", "image", "image_url", "input_audio", "input_image", "input_file", "video_url"}
)

_MEDIA: Final = frozenset(
    {
        *("audio_url", "document", "file", "file_data", "file_id", "file_url", "image", "image_embeds", "image_url"),
        *("input_audio", "video", "video_url"),
    }
)
"""Keys that make a part one of media where a server takes parts without a type (vLLM does)."""

_CONVERSATION: Final = frozenset({"messages", "system", "input", "content"})
"""Where typed parts are content; elsewhere (JSON schemas, say) ``type`` means something else."""

_FIELDS: Final = frozenset(
    {
        *("arguments", "content", "data", "description", "file", "function", "functions", "image_url", "input"),
        *("input_schema", "json_schema", "messages", "metadata", "model", "name", "parameters", "prediction"),
        *("properties", "reasoning_content", "response_format", "role", "schema", "source", "stop", "stop_sequences"),
        *("system", "text", "thinking", "tool_calls", "tool_choice", "tools", "type", "url", "user", "user_id"),
    }
)
"""Names of the protocols' own fields: the only ones that a path may show, for any other key is the caller's text."""


_FEWEST_DIGITS: Final = 8
"""Numbers of fewer digits are no card, account or identity number."""


@dataclass(frozen=True, slots=True)
class Text:
    """One string of the request and where it stands."""

    path: str
    value: str


@dataclass(frozen=True, slots=True)
class Unscannable:
    """A part that holds what cannot be read: an image, a file, audio, a type nobody knows."""

    path: str
    part_type: str


def walk(tree: dict[str, Any]) -> Iterator[Text | Unscannable]:
    """Yield each string of a request, object keys and long numbers included, and each part that cannot be read."""
    yield from _walk(tree, "", parts=False)


def _walk(node: Any, path: str, *, parts: bool) -> Iterator[Text | Unscannable]:
    if isinstance(node, str):
        yield Text(path, node)
    elif isinstance(node, dict):
        if parts and (unreadable := _unreadable(node)):
            yield Unscannable(path, unreadable)
        for key, value in node.items():
            known = key in _FIELDS
            if not known:
                yield Text(f"{path}.<key>", key)
            inside = known and key in _CONVERSATION and not _is_schema(path)
            yield from _walk(value, f"{path}.{key if known else '*'}".lstrip("."), parts=inside)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _walk(value, f"{path}[{index}]", parts=parts)
    elif isinstance(node, int | float) and not isinstance(node, bool) and abs(node) >= 10 ** (_FEWEST_DIGITS - 1):
        yield Text(path, str(int(node)))  # a card's number may stand in a tool's input without quotes


def _unreadable(part: dict[str, Any]) -> str:
    """Return the type of a content part that cannot be read, as evidence may name it; empty for one that can."""
    part_type = part.get("type")
    if part_type is None:  # a turn, or a part that leaves its type to be guessed
        return next((name if name in _KNOWN_PARTS else "unknown" for name in part if name in _MEDIA), "")
    if isinstance(part_type, str) and part_type in _READABLE:
        return ""
    return part_type if isinstance(part_type, str) and part_type in _KNOWN_PARTS else "unknown"


def _is_schema(path: str) -> bool:
    """Tell whether a path lies in a tool's or a response's schema, or in a tool's arguments: no content parts there."""
    return path.startswith(("tools", "functions", "response_format", "metadata")) or ".input" in path
