"""Signed and sealed thinking in OpenAI's chat, so that a caller can send it back: ``reasoning_details``.

Source: OpenRouter's documentation, "Preserving reasoning blocks": agents keep this field and send it back as it was.
"""

from typing import Any, Final

from gateway.wire import fields
from gateway.wire.body import Tree
from gateway.wire.translate.hub import Part, Sealed, Thought

FIELD: Final = "reasoning_details"
BLOCKS: Final = "thinking_blocks"
"""What litellm's clients send instead: Anthropic's own blocks."""
_FORMAT: Final = "anthropic-claude-v1"
_OPENAI: Final = "openai-responses-v1"


def detail(part: Thought | Sealed, index: int) -> Tree:
    """Return one item: thinking with its signature, or what only its vendor can read."""
    if part.origin == "openai":
        seal = part.signature if isinstance(part, Thought) else part.data
        summary = {"summary": part.text} if isinstance(part, Thought) else {}
        named = {"id": part.id} if part.id else {}
        return {"type": "reasoning.encrypted", "data": seal, **named, **summary, "format": _OPENAI, "index": index}
    if isinstance(part, Sealed):
        return {"type": "reasoning.encrypted", "data": part.data, "format": _FORMAT, "index": index}
    signed = {"text": part.text, "signature": part.signature}
    return {"type": "reasoning.text", **signed, "format": _FORMAT, "index": index}


def details(parts: tuple[Part, ...]) -> list[Tree]:
    """Return the items of an answer."""
    kept = [part for part in parts if isinstance(part, Thought | Sealed)]
    signed = [part for part in kept if isinstance(part, Sealed) or part.signature]
    return [detail(part, index) for index, part in enumerate(signed)]


def thoughts(value: Any) -> list[Part]:
    """Return what a caller sends back, as far as a vendor has signed or sealed it."""
    found: list[Part] = []
    for item in fields.objects(value):
        if item.get("format") not in (None, _FORMAT, _OPENAI):
            continue
        text, signature, data = (item.get(name) for name in ("text", "signature", "data"))
        if item.get("type") == "reasoning.text" and isinstance(signature, str) and signature:
            found.append(Thought(text if isinstance(text, str) else "", signature))
        elif item.get("type") == "reasoning.encrypted" and isinstance(data, str) and data:
            found.append(_openai(item, data) if item.get("format") == _OPENAI else Sealed(data))
    return found


def _openai(item: Tree, data: str) -> Part:
    name, summary = str(item.get("id") or ""), item.get("summary")
    if isinstance(summary, str) and summary:
        return Thought(summary, data, "openai", name)
    return Sealed(data, "openai", name)


def blocks(value: Any) -> list[Part]:
    """Return Anthropic's own blocks of thinking, as litellm's clients send them back."""
    found: list[Part] = []
    for block in fields.objects(value):
        text, signature, data = (block.get(name) for name in ("thinking", "signature", "data"))
        if block.get("type") == "thinking" and isinstance(signature, str) and signature:
            found.append(Thought(text if isinstance(text, str) else "", signature))
        elif block.get("type") == "redacted_thinking" and isinstance(data, str) and data:
            found.append(Sealed(data))
    return found
