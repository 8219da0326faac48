"""Renders a conversation to the one text that is counted, cached and answered, as a chat template does."""

import hashlib
from typing import Any

import orjson

from gateway.sandbox.wire import Json

ASSISTANT = "<|assistant|>\n"
_MEDIA = frozenset({"image", "image_url", "input_audio", "document", "file"})


def render(turns: list[Json], *, system: Any = None, tools: Any = None) -> str:
    """Render tools, system text and turns, in the order in which vendors cache them."""
    parts = [f"<|tools|>\n{_content(tools)}\n"] if tools else []
    if system:
        parts.append(f"<|system|>\n{_content(system)}\n")
    parts.extend(f"<|{turn.get('role', 'user')}|>\n{_turn(turn)}\n" for turn in turns)
    return "".join(parts) + ASSISTANT


def _turn(turn: Json) -> str:
    text = _content(turn.get("content"))
    return text + _dump(turn["tool_calls"]) if turn.get("tool_calls") else text


def _content(content: Any) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "".join(_part(part) for part in content)


def _part(part: Any) -> str:
    if not isinstance(part, dict):
        return _dump(part)
    if isinstance(part.get("text"), str):
        return str(part["text"])
    text = _dump({key: value for key, value in part.items() if key != "cache_control"})
    if str(part.get("type")) in _MEDIA:
        return hashlib.sha256(text.encode()).hexdigest() * 4
    return text


def _dump(value: Any) -> str:
    return orjson.dumps(value).decode()
