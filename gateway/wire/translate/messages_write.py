"""What a request asks for, as a request of Anthropic's Messages."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import orjson

from gateway.wire.body import Tree
from gateway.wire.translate.chat_write import bounded, schema_of
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
    Thought,
    Tool,
    Turn,
    Unsupported,
)
from gateway.wire.translate.names import MESSAGES_LONGEST, fitted, in_namespace

FEWEST_THOUGHTS: Final = 1024
"""Tokens of thinking that may be asked for."""
DEFAULT_MOST: Final = 8192
"""Tokens of an answer where neither caller nor policy says more."""
JSON_PLEASE: Final = "Answer with one JSON object and nothing else."
_BUDGETS: Final[dict[Effort, int]] = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384}
_MOST_BUDGET: Final = 32768
_OLDER: Final = re.compile(
    r"claude-(?:3|(?:opus|sonnet|haiku)-4(?:-[0-5])?(?:-\d{8}|@|$)|(?:opus|sonnet|haiku)-4-[0-5]\b)"
)
"""Models of Anthropic whose thinking is switched on with a budget, as that of other vendors' models in this dialect.

Later ones take an effort, and neither ``temperature`` nor ``top_p`` (official types of 2026).
"""
_TIERS: Final = {"auto": "auto", "standard": "standard_only"}
_PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_LEAST_TOP_P: Final = 0.95


def write_messages(asked: Asked, losses: Losses, *, model: str, most: int) -> Tree:
    """Return the body, without its model.

    Args:
        asked: what is asked for.
        losses: takes what is not sent.
        model: the target's, on which it depends how thinking is switched on.
        most: tokens that the target can give at most; 0: not known.

    Raises:
        Unsupported: it cannot be said in this dialect.
    """
    leading = next((at for at, turn in enumerate(asked.turns) if turn.role != "system"), len(asked.turns))
    system = [block for turn in asked.turns[:leading] for block in _blocks(turn, losses)]
    if asked.form is not None and asked.form.schema is None:
        system.append({"type": "text", "text": JSON_PLEASE})
        losses.lose("response_format", "it becomes an instruction: the target takes a schema only")
    body: Tree = {
        "messages": list(_merged(asked.turns[leading:], losses)),
        "max_tokens": bounded(asked.max_tokens or most or DEFAULT_MOST, most, losses),
    }
    if system:
        body["system"] = system[0]["text"] if len(system) == 1 and len(system[0]) == 2 else system  # noqa: PLR2004
    if asked.stop:
        body["stop_sequences"] = list(asked.stop)
    if asked.stream:
        body["stream"] = True
    body |= _tools(asked)
    body |= _thinking(asked, body, losses, model)
    body |= _sampling(asked, body, losses, model)
    body |= _form(asked, body, losses)
    if asked.user:
        body["metadata"] = {"user_id": asked.user}
    if asked.tier in _TIERS:
        body["service_tier"] = _TIERS[asked.tier]
    elif asked.tier:
        losses.lose("service_tier", "the target's vendor has no such tier")
    return body


def _merged(turns: Iterable[Turn], losses: Losses) -> Iterator[Tree]:
    """Yield one message for what one side says at once: results of several tools must stand in one."""
    open_: Tree | None = None
    for turn in turns:
        blocks = list(_blocks(turn, losses))
        if not blocks:
            continue
        if open_ is not None and open_["role"] == turn.role:
            open_["content"] += blocks
            continue
        if open_ is not None:
            yield open_
        open_ = {"role": turn.role, "content": blocks}
    if open_ is not None:
        yield open_


def _blocks(turn: Turn, losses: Losses) -> Iterator[Tree]:
    for part in turn.parts:
        block = _block(part, losses)
        if block is not None:
            cache = getattr(part, "cache", None)
            yield block if cache is None else {**block, "cache_control": cache}


def _block(part: Part, losses: Losses) -> Tree | None:
    match part:
        case Text(text) | Refusal(text):
            if not text.strip():  # the vendor refuses it
                return None
            return {"type": "text", "text": text}
        case Media():
            return _media(part, losses)
        case Thought() | Sealed():
            return _thought(part, losses)
        case Call(name, tool, arguments):
            sent = fitted(name, MESSAGES_LONGEST)
            return {"type": "tool_use", "id": sent, "name": fitted(tool, MESSAGES_LONGEST), "input": given(arguments)}
        case Result():
            return _result(part, losses)


def _thought(part: Thought | Sealed, losses: Losses) -> Tree | None:
    if isinstance(part, Sealed) and part.origin == "anthropic":
        return {"type": "redacted_thinking", "data": part.data}
    if isinstance(part, Thought) and part.signature and part.origin == "anthropic":
        return {"type": "thinking", "thinking": part.text, "signature": part.signature}
    losses.lose("reasoning_content", "the target takes back only thinking that it has signed")
    return None


def _result(result: Result, losses: Losses) -> Tree:
    block: Tree = {"type": "tool_result", "tool_use_id": fitted(result.id, MESSAGES_LONGEST)}
    if len(result.parts) == 1 and isinstance(result.parts[0], Text) and not result.parts[0].cache:
        block["content"] = result.parts[0].text
    elif result.parts:
        block["content"] = list(_blocks(Turn("user", result.parts), losses))
    if result.is_error:
        block["is_error"] = True
    return block


def given(arguments: str) -> Tree:
    """Return the arguments of a call as the object that they say; what is no JSON stands under ``arguments``."""
    if not arguments.strip():
        return {}
    try:
        read = orjson.loads(arguments)
    except ValueError:
        read = arguments
    return read if isinstance(read, dict) else {"arguments": arguments}


def _media(media: Media, losses: Losses) -> Tree:
    if media.kind == "audio":
        raise Unsupported(media.path, "the target takes no sound; send text")
    if media.detail and media.detail != "auto":
        losses.lose(f"{media.path.removesuffix('.url')}.detail", "the target looks at pictures as it does")
    if media.url:
        return _titled(media, {"type": media.kind, "source": {"type": "url", "url": media.url}})
    fits = media.media_type in _PICTURES if media.kind == "image" else media.media_type == "application/pdf"
    if not fits:
        takes = "PNG, JPEG, GIF and WebP" if media.kind == "image" else "PDF files"
        raise Unsupported(media.path, f"the target takes {takes} only")
    source = {"type": "base64", "media_type": media.media_type, "data": media.data}
    return _titled(media, {"type": media.kind, "source": source})


def _titled(media: Media, block: Tree) -> Tree:
    return {**block, "title": media.name} if media.name and media.kind == "document" else block


def _tools(asked: Asked) -> Tree:
    if not asked.tools:
        return {}
    body: Tree = {"tools": [_tool(tool) for tool in asked.tools]}
    mode = {"auto": "auto", "none": "none", "required": "any", "named": "tool"}
    if asked.choice is not None or asked.parallel is False:
        choice: Tree = {"type": mode[asked.choice.mode] if asked.choice else "auto"}
        if choice["type"] == "tool" and asked.choice is not None:
            choice["name"] = fitted(asked.choice.name, MESSAGES_LONGEST)
        if asked.parallel is False and choice["type"] != "none":
            choice["disable_parallel_tool_use"] = True
        body["tool_choice"] = choice
    return body


def _tool(tool: Tool) -> Tree:
    name = fitted(in_namespace(tool.name, tool.namespace), MESSAGES_LONGEST)
    made: Tree = {"name": name, "input_schema": schema_of(tool) or {"type": "object"}}
    more = {"description": tool.description, "strict": tool.strict, "cache_control": tool.cache}
    return made | {name: value for name, value in more.items() if value is not None}


def _thinking(asked: Asked, body: Tree, losses: Losses, model: str) -> Tree:
    thinking = asked.thinking
    if thinking is None:
        return {}
    if thinking.is_off:
        return {"thinking": {"type": "disabled"}}
    if body.get("tool_choice", {}).get("type") in {"any", "tool"}:
        losses.lose("reasoning_effort", "the target does not think where a tool must be called")
        return {}
    if is_newer(model):
        effort = "low" if thinking.effort == "minimal" else thinking.effort
        return {"thinking": {"type": "adaptive"}, **({"output_config": {"effort": effort}} if effort else {})}
    budget = min(_BUDGETS.get(thinking.effort or "medium", _MOST_BUDGET), body["max_tokens"] - 1)
    if budget < FEWEST_THOUGHTS:
        losses.lose("reasoning_effort", f"the target thinks with {FEWEST_THOUGHTS} tokens at least; raise max_tokens")
        return {}
    if _calls_unsigned(asked.turns):
        losses.lose("reasoning_effort", "an earlier call of a tool was made without thinking of this target")
        return {}
    return {"thinking": {"type": "enabled", "budget_tokens": budget}}


def is_newer(model: str) -> bool:
    """Return whether a model decides itself how it thinks and samples."""
    return "claude-" in model and not _OLDER.search(model)


def _calls_unsigned(turns: tuple[Turn, ...]) -> bool:
    """Return whether the last answer calls a tool without signed thinking: the vendor then refuses to think."""
    last = next((turn.parts for turn in reversed(turns) if turn.role == "assistant"), ())
    signed = any(isinstance(part, Sealed) or (isinstance(part, Thought) and part.signature) for part in last)
    return not signed and any(isinstance(part, Call) for part in last)


def _sampling(asked: Asked, body: Tree, losses: Losses, model: str) -> Tree:
    found: Tree = {}
    if is_newer(model):
        for name in ("temperature", "top_p"):
            if getattr(asked, name) is not None:
                losses.lose(name, "the target's model takes no sampling parameters")
        return found
    thinks = body.get("thinking", {}).get("type") in {"enabled", "adaptive"}
    if asked.temperature is not None and thinks and asked.temperature != 1:
        losses.lose("temperature", "the target thinks at 1 only")
    elif asked.temperature is not None:
        found["temperature"] = min(asked.temperature, 1)
        if asked.temperature > 1:
            losses.lose("temperature", "the target takes at most 1")
    if asked.top_p is not None and ("temperature" in found or (thinks and asked.top_p < _LEAST_TOP_P)):
        losses.lose(
            "top_p", "the target takes one of temperature and top_p" if not thinks else "the target is thinking"
        )
    elif asked.top_p is not None:
        found["top_p"] = asked.top_p
    return found


def _form(asked: Asked, body: Tree, losses: Losses) -> Tree:
    if asked.form is None or asked.form.schema is None:
        return {}
    for name, value in (("name", asked.form.name), ("strict", asked.form.strict is False)):
        if value:
            losses.lose(
                f"response_format.json_schema.{name}", "the target's formats have no names and are always strict"
            )
    config: dict[str, Any] = {"format": {"type": "json_schema", "schema": asked.form.schema}}
    return {"output_config": {**body.get("output_config", {}), **config}}
