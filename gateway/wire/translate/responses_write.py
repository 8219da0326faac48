"""What a request asks for, as a request of OpenAI's Responses; for models that take nothing else."""

from collections.abc import Iterable
from typing import Any, Final

from gateway.wire.body import Tree, read_answer
from gateway.wire.translate.chat_write import bounded, effort_for, user_for
from gateway.wire.translate.hub import (
    Asked,
    Call,
    Losses,
    Media,
    Part,
    Refusal,
    Result,
    Sealed,
    Text,
    Thought,
    Tool,
    Turn,
    Unsupported,
)
from gateway.wire.translate.names import CHAT_LONGEST, fitted, in_namespace
from gateway.wire.translate.openai_fields import tier_for

LEAST_TOKENS: Final = 16
"""Of an answer that may be asked for."""
_ENCRYPTED: Final = "reasoning.encrypted_content"
_LOGPROBS: Final = "message.output_text.logprobs"
_CACHE: Final = ("cache_control", "the target caches by itself")
_ERROR: Final = "Error: "


def write_responses(asked: Asked, losses: Losses, *, most: int) -> Tree:
    """Return the body, without its model. Nothing is to be stored: each call brings its whole conversation.

    Args:
        asked: what is asked for.
        losses: takes what is not sent.
        most: tokens that the target can give at most; 0: not known.

    Raises:
        Unsupported: it cannot be said in this dialect.
    """
    body: Tree = {"input": [item for turn in asked.turns for item in _items(turn, losses)], "store": False}
    if asked.max_tokens is not None:
        body["max_output_tokens"] = max(LEAST_TOKENS, bounded(asked.max_tokens, most, losses))
    body |= {name: value for name in ("temperature", "top_p") if (value := getattr(asked, name)) is not None}
    if asked.stop:
        losses.lose("stop", "the target's dialect has no stop sequences")
    if asked.stream:
        body["stream"] = True
    body |= _tools(asked, losses)
    effort = effort_for(asked.thinking, losses)
    if effort is not None:
        body["reasoning"] = {"effort": effort, **({} if effort == "none" else {"summary": "auto"})}
    body |= _form(asked)
    body |= user_for(asked, losses)
    body |= tier_for(asked.tier)
    return body | _beside(asked)


def _items(turn: Turn, losses: Losses) -> Iterable[Tree]:
    """Yield the items of a turn, in order: results and calls are items of their own, texts and pictures a message.

    Each text of an answer is a message: only one that this vendor has made itself may have several parts.
    """
    if any(getattr(part, "cache", None) for part in turn.parts):
        losses.lose(*_CACHE)
    said: list[Tree] = []
    for part in turn.parts:
        content = _content(part, turn.role, losses)
        if content is not None:
            said.append(content)
            continue
        item = _item(part, losses)
        if item is not None:
            yield from _message(turn, said)
            said = []
            yield item
    yield from _message(turn, said)


def _message(turn: Turn, said: list[Tree]) -> Iterable[Tree]:
    if turn.role == "assistant":
        yield from ({"type": "message", "role": "assistant", "content": part["text"]} for part in said)
    elif said:
        yield {"type": "message", "role": "developer" if turn.role == "system" else "user", "content": said}


def _content(part: Part, role: str, losses: Losses) -> Tree | None:
    """Return a part of a message; None if it is an item of its own."""
    match part:
        case Text(text) | Refusal(text):
            return {"type": "input_text", "text": text}
        case Media() if role == "user":
            return _media(part)
        case Media():
            losses.lose(part.path, "the target's dialect does not have it on this side")
            return None
        case _:
            return None


def _item(part: Part, losses: Losses) -> Tree | None:
    match part:
        case Call():
            name = fitted(part.name, CHAT_LONGEST)
            if part.free:
                return {
                    "type": "custom_tool_call",
                    "call_id": part.id,
                    "name": name,
                    "input": free_text(part.arguments),
                }
            arguments = part.arguments or "{}"
            return {"type": "function_call", "call_id": part.id, "name": name, "arguments": arguments}
        case Result():
            return _result(part, losses)
        case Thought(_, seal, origin, name) | Sealed(seal, origin, name) if seal and origin == "openai":
            text = part.text if isinstance(part, Thought) else ""
            return reasoning_item(text, seal, name)
        case Thought() | Sealed():
            losses.lose("thinking", "the target takes back only reasoning that it has encrypted")
            return None
        case _:
            return None


def reasoning_item(text: str, encrypted: str, name: str) -> Tree:
    """Return an item of reasoning: a summary that can be read, and what only its vendor can read."""
    summary = [{"type": "summary_text", "text": text}] if text else []
    item: Tree = {"type": "reasoning", **({"id": name} if name else {}), "summary": summary}
    return {**item, "encrypted_content": encrypted} if encrypted else item


def free_text(arguments: str) -> str:
    """Return the text that a free tool is called with, from its object; what is no such object is the text itself."""
    try:
        said = read_answer(arguments.encode("utf-8", "replace")) if arguments else {}
    except ValueError:
        return arguments
    text = said.get("input") if isinstance(said, dict) else None
    return text if isinstance(text, str) else arguments if arguments != "{}" else ""


def _result(result: Result, losses: Losses) -> Tree:
    if any(part.cache for part in result.parts):
        losses.lose(*_CACHE)
    texts = [part.text for part in result.parts if isinstance(part, Text)]
    output: Any = "\n".join(texts)
    if any(isinstance(part, Media) for part in result.parts):
        output = [
            _media(part) if isinstance(part, Media) else {"type": "input_text", "text": part.text}
            for part in result.parts
        ]
        if result.is_error:
            output = [{"type": "input_text", "text": _ERROR.strip()}, *output]
    elif result.is_error:
        output = _ERROR + output
    return {"type": "function_call_output", "call_id": result.id, "output": output}


def _media(media: Media) -> Tree:
    data = media.url or f"data:{media.media_type};base64,{media.data}"
    if media.kind == "image":
        return {"type": "input_image", "image_url": data, "detail": media.detail or "auto"}
    if media.kind == "audio":
        raise Unsupported(media.path, "the target takes no sound; send text")
    if media.url:
        return {"type": "input_file", "file_url": media.url}
    return {"type": "input_file", "filename": media.name or "document.pdf", "file_data": data}


def _tools(asked: Asked, losses: Losses) -> Tree:
    if not asked.tools:
        return {}
    if any(tool.cache for tool in asked.tools):
        losses.lose(*_CACHE)
    free = {in_namespace(tool.name, tool.namespace) for tool in asked.tools if tool.free}
    body: Tree = {"tools": [_tool(tool) for tool in asked.tools]}
    if asked.choice is not None:
        name = asked.choice.name
        kind = "custom" if name in free else "function"
        named = {"type": kind, "name": fitted(name, CHAT_LONGEST)}
        body["tool_choice"] = named if asked.choice.mode == "named" else asked.choice.mode
    if asked.parallel is not None:
        body["parallel_tool_calls"] = asked.parallel
    return body


def _tool(tool: Tool) -> Tree:
    name = fitted(in_namespace(tool.name, tool.namespace), CHAT_LONGEST)
    about = {} if tool.description is None else {"description": tool.description}
    if tool.free:
        return {"type": "custom", "name": name, **about, "format": tool.form or {"type": "text"}}
    schema = tool.schema or {"type": "object", "properties": {}}
    return {"type": "function", "name": name, **about, "parameters": schema, "strict": tool.strict is True}


def _form(asked: Asked) -> Tree:
    form = asked.form
    if form is None:
        return {}
    if form.schema is None:
        return {"text": {"format": {"type": "json_object"}}}
    strict = form.strict is not False
    described = {"type": "json_schema", "name": form.name or "answer", "schema": form.schema, "strict": strict}
    return {"text": {"format": described}}


def _beside(asked: Asked) -> Tree:
    """Return what only OpenAI's dialects have; encrypted reasoning is asked for, because nothing is stored."""
    beside = dict(asked.beside or {})
    include = [_ENCRYPTED] if asked.thinking is not None and not asked.thinking.is_off else []
    if beside.pop("logprobs", None) is True:
        include.append(_LOGPROBS)
    verbosity = beside.pop("verbosity", None)
    text = {"text": {**_form(asked).get("text", {}), "verbosity": verbosity}} if verbosity else {}
    return {**beside, **text, **({"include": include} if include else {})}
