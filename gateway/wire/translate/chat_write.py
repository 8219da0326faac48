"""What a request asks for, as a request of OpenAI's chat."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from gateway.wire.body import Tree
from gateway.wire.translate.hub import (
    Asked,
    Call,
    Effort,
    Losses,
    Media,
    Part,
    Refusal,
    Result,
    Sealed,
    Text,
    Thinking,
    Thought,
    Tool,
    Turn,
    Unsupported,
)
from gateway.wire.translate.names import CHAT_LONGEST, fitted, in_namespace
from gateway.wire.translate.openai_fields import tier_for

LONGEST_USER: Final = 64
_LOW, _MEDIUM, _HIGH = 2048, 8192, 24576
"""Tokens of thinking up to which an effort is low, medium or high."""
_ERROR: Final = "Error: "
_SAID: Final[Mapping[str, Any]] = {
    "system": Text,
    "assistant": Text | Refusal | Call | Thought | Sealed,
    "user": Text | Media | Result,
}
"""What each side can say in this dialect."""
_CACHE: Final = ("cache_control", "the target caches by itself")


def write_chat(asked: Asked, losses: Losses, *, newest: bool, most: int) -> Tree:
    """Return the body, without its model.

    Args:
        asked: what is asked for.
        losses: takes what is not sent.
        newest: the target is OpenAI itself, which has a newer name for ``max_tokens``.
        most: tokens that the target can give at most; 0: not known.

    Raises:
        Unsupported: it cannot be said in this dialect.
    """
    body: Tree = {"messages": [message for turn in asked.turns for message in _messages(turn, losses)]}
    if asked.max_tokens is not None:
        body["max_completion_tokens" if newest else "max_tokens"] = bounded(asked.max_tokens, most, losses)
    body |= {name: value for name in ("temperature", "top_p") if (value := getattr(asked, name)) is not None}
    if asked.stop:
        body["stop"] = list(asked.stop)
    if asked.stream:
        body["stream"] = True
    body |= _tools(asked, losses)
    body |= _thinking(asked, losses)
    body |= _form(asked)
    body |= user_for(asked, losses)
    return body | tier_for(asked.tier)


def bounded(wanted: int, most: int, losses: Losses) -> int:
    """Return how many tokens may be given."""
    if most and wanted > most:
        losses.lose("max_tokens", f"the target gives at most {most}")
        return most
    return wanted


def _messages(turn: Turn, losses: Losses) -> Iterable[Tree]:
    if any(getattr(part, "cache", None) for part in turn.parts):
        losses.lose(*_CACHE)
    for part in turn.parts:
        if not isinstance(part, _SAID[turn.role]):
            place = part.path if isinstance(part, Media) else f"messages.{turn.role}.{type(part).__name__.lower()}"
            losses.lose(place, "the target's dialect does not have it on this side")
    if turn.role == "system":
        yield {"role": "system", "content": _content([part for part in turn.parts if isinstance(part, Text)])}
    elif turn.role == "assistant":
        yield from _assistant(turn.parts, losses)
    else:
        yield from _user(turn.parts, losses)


def _user(parts: tuple[Part, ...], losses: Losses) -> Iterable[Tree]:
    """Yield the results first, each by itself, then all else; pictures of results, which can hold only text, too."""
    beside: list[Text | Media] = []
    for result in parts:
        if isinstance(result, Result):
            texts = [part.text for part in result.parts if isinstance(part, Text)]
            media = [part for part in result.parts if isinstance(part, Media)]
            if any(part.cache for part in result.parts):
                losses.lose(*_CACHE)
            content = (_ERROR if result.is_error else "") + "\n".join(texts)
            yield {"role": "tool", "tool_call_id": result.id, "content": content}
            beside += media
    beside += [part for part in parts if isinstance(part, Text | Media)]
    if beside:
        yield {"role": "user", "content": _content(beside)}


def _assistant(parts: tuple[Part, ...], losses: Losses) -> Iterable[Tree]:
    texts = [part for part in parts if isinstance(part, Text)]
    calls = [_call(part) for part in parts if isinstance(part, Call)]
    refusal = "\n".join(part.text for part in parts if isinstance(part, Refusal))
    if any(isinstance(part, Sealed) or (isinstance(part, Thought) and part.signature) for part in parts):
        losses.lose("thinking", "signed thinking goes back to its own vendor only")
    thought = "\n".join(part.text for part in parts if isinstance(part, Thought) and not part.signature)
    message: Tree = {"role": "assistant", "content": _content(texts) if texts else None}
    if refusal:
        message["refusal"] = refusal
    if calls:
        message["tool_calls"] = calls
    if thought:
        message["reasoning_content"] = thought
    if texts or calls or refusal:
        yield message


def _call(call: Call) -> Tree:
    function = {"name": fitted(call.name, CHAT_LONGEST), "arguments": call.arguments or "{}"}
    return {"id": call.id, "type": "function", "function": function}


def _content(parts: list[Any]) -> str | list[Tree]:
    if len(parts) == 1 and isinstance(parts[0], Text):
        return parts[0].text
    return [{"type": "text", "text": part.text} if isinstance(part, Text) else _media(part) for part in parts]


def _media(media: Media) -> Tree:
    if media.kind == "image":
        url = media.url or f"data:{media.media_type};base64,{media.data}"
        return {"type": "image_url", "image_url": {"url": url, **({"detail": media.detail} if media.detail else {})}}
    if media.kind == "audio":
        return {
            "type": "input_audio",
            "input_audio": {"data": media.data, "format": media.media_type.removeprefix("audio/")},
        }
    if media.url:
        raise Unsupported(media.path, "the target fetches no files; send the data")
    data = f"data:{media.media_type};base64,{media.data}"
    return {"type": "file", "file": {"filename": media.name or "document.pdf", "file_data": data}}


def _tools(asked: Asked, losses: Losses) -> Tree:
    if not asked.tools:
        return {}
    if any(tool.cache for tool in asked.tools):
        losses.lose(*_CACHE)
    body: Tree = {"tools": [_tool(tool) for tool in asked.tools]}
    if asked.choice is not None:
        named = {"type": "function", "function": {"name": fitted(asked.choice.name, CHAT_LONGEST)}}
        body["tool_choice"] = named if asked.choice.mode == "named" else asked.choice.mode
    if asked.parallel is not None:
        body["parallel_tool_calls"] = asked.parallel
    return body


def _tool(tool: Tool) -> Tree:
    function: Tree = {"name": fitted(in_namespace(tool.name, tool.namespace), CHAT_LONGEST)}
    given = {"description": tool.description, "parameters": schema_of(tool), "strict": tool.strict}
    return {"type": "function", "function": function | {name: it for name, it in given.items() if it is not None}}


def schema_of(tool: Tool) -> Tree | None:
    """Return the schema of a tool's arguments; of one that takes text, an object with that text."""
    if not tool.free:
        return tool.schema
    text: Tree = {"type": "string"}
    if tool.form is not None and isinstance(tool.form.get("definition"), str):
        text["description"] = tool.form["definition"]
    return {"type": "object", "properties": {"input": text}, "required": ["input"], "additionalProperties": False}


def _thinking(asked: Asked, losses: Losses) -> Tree:
    effort = effort_for(asked.thinking, losses)
    return {} if effort is None else {"reasoning_effort": effort}


def effort_for(thinking: Thinking | None, losses: Losses) -> Effort | None:
    """Return OpenAI's word for how much a model thinks; None: the model decides."""
    if thinking is None:
        return None
    if thinking.is_off and thinking.effort != "none":  # not all models take that word
        losses.lose("thinking", "the target decides whether it thinks")
        return None
    return thinking.effort or (_effort(thinking.budget) if thinking.budget else None)


def _effort(budget: int) -> Effort:
    return "low" if budget <= _LOW else "medium" if budget <= _MEDIUM else "high" if budget <= _HIGH else "xhigh"


def _form(asked: Asked) -> Tree:
    form = asked.form
    if form is None:
        return {}
    if form.schema is None:
        return {"response_format": {"type": "json_object"}}
    described = {"name": form.name or "answer", "schema": form.schema, "strict": form.strict is not False}
    return {"response_format": {"type": "json_schema", "json_schema": described}}


def user_for(asked: Asked, losses: Losses) -> Tree:
    """Return the field with the user's id, if OpenAI takes so long a one."""
    if asked.user and len(asked.user) <= LONGEST_USER:
        return {"user": asked.user}
    if asked.user:
        losses.lose("metadata.user_id", f"the target takes at most {LONGEST_USER} characters")
    return {}
