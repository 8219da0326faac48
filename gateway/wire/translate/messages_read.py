"""A request of Anthropic's Messages in the form between dialects.

Source: Anthropic API reference, "Create a message", "Tool use", "Extended thinking", "Structured outputs".
"""

from typing import Any, Final

from gateway.domain.target import Dialect
from gateway.wire.body import Tree, serialise
from gateway.wire.translate import verdicts
from gateway.wire.translate.hub import (
    EFFORTS,
    Asked,
    Call,
    Choice,
    Format,
    Losses,
    Media,
    Part,
    Result,
    Text,
    Thinking,
    Tool,
    Turn,
    Unsupported,
)
from gateway.wire.translate.seals import sealed_of_messages, thought_of_messages
from gateway.wire.translate.typed import (
    number_of,
    object_of,
    objects_of,
    strings_of,
    text_of,
    tool_of,
    word_of,
)
from gateway.wire.translate.verdicts import take

_MODES: Final = {"auto": "auto", "any": "required", "none": "none", "tool": "named"}


def read_messages(tree: Tree, losses: Losses, _wanted: Dialect = "openai.chat") -> Asked:
    """Return what the request asks for; what has no place in the other dialect is noted.

    Raises:
        Unsupported: it asks for something that no other dialect has.
    """
    body = take(tree, verdicts.MESSAGES, "", losses)
    config = object_of(body.get("output_config", {}), "output_config")
    choice, parallel = _choice(body.get("tool_choice"))
    metadata = object_of(body.get("metadata", {}), "metadata")
    system = _texts(body.get("system"), "system", losses)
    return Asked(
        turns=(*([Turn("system", tuple(system))] if system else []), *_turns(body.get("messages"), losses)),
        tools=_tools(body.get("tools"), losses),
        choice=choice,
        parallel=parallel,
        max_tokens=body.get("max_tokens") if isinstance(body.get("max_tokens"), int) else None,
        stop=strings_of(body.get("stop_sequences", []), "stop_sequences"),
        stream=body.get("stream") is True,
        temperature=number_of(body, "temperature"),
        top_p=number_of(body, "top_p"),
        thinking=_thinking(body.get("thinking"), config.get("effort"), losses),
        form=_form(config.get("format") or body.get("output_format")),
        user=text_of(metadata.get("user_id") or "", "metadata.user_id"),
        tier={"auto": "auto", "standard_only": "standard"}.get(str(body.get("service_tier")), ""),
    )


def _turns(messages: Any, losses: Losses) -> list[Turn]:
    turns = []
    for number, message in enumerate(objects_of(messages, "messages")):
        path = f"messages[{number}]"
        turn = take(message, verdicts.MESSAGE_TURN, path, losses)
        if turn.get("role") not in ("user", "assistant", "system"):
            raise Unsupported(f"{path}.role", "must be user, assistant or system")
        turns.append(Turn(turn["role"], tuple(_parts(turn.get("content"), f"{path}.content", losses))))
    return turns


def _texts(content: Any, path: str, losses: Losses) -> list[Part]:
    return [part for part in _parts(content, path, losses) if isinstance(part, Text)]


def _parts(content: Any, path: str, losses: Losses) -> list[Part]:
    if content is None:
        return []
    if isinstance(content, str):
        return [Text(content)]
    found: list[Part] = []
    for number, block in enumerate(objects_of(content, path)):
        place, kind = f"{path}[{number}]", str(block.get("type"))
        if kind == "search_result":
            found += _search_result(block, place, losses)
        elif kind not in verdicts.BLOCKS:
            losses.lose(place, f"a block of type {kind[:40]} belongs to the vendor's own tools, or is not known here")
        else:
            found += _block(kind, take(block, verdicts.BLOCKS[kind], place, losses), place, losses)
    return found


def _search_result(block: Tree, path: str, losses: Losses) -> list[Part]:
    """Return what was found elsewhere as text: title, source and content."""
    known = take(block, verdicts.SEARCH_RESULT, path, losses)
    head: list[Part] = [Text(value) for name in ("title", "source") if isinstance(value := known.get(name), str)]
    return [*head, *_texts(known.get("content"), f"{path}.content", losses)]


def _block(kind: str, block: Tree, path: str, losses: Losses) -> list[Part]:
    cache = block.get("cache_control")
    match kind:
        case "text":
            return [Text(text_of(block.get("text"), f"{path}.text"), cache)]
        case "image":
            return [_source(block, path, "image")]
        case "document":
            return _document(block, path, losses)
        case "thinking":
            return [thought_of_messages(str(block.get("thinking") or ""), str(block.get("signature") or ""))]
        case "redacted_thinking":
            return [sealed_of_messages(str(block.get("data") or ""))]
        case "tool_use":
            arguments = serialise(block.get("input", {})).decode()
            name = text_of(block.get("name"), f"{path}.name")
            return [Call(text_of(block.get("id"), f"{path}.id"), name, arguments, cache)]
        case _:
            inside = [
                part
                for part in _parts(block.get("content"), f"{path}.content", losses)
                if isinstance(part, Text | Media)
            ]
            name = text_of(block.get("tool_use_id"), f"{path}.tool_use_id")
            return [Result(name, tuple(inside), block.get("is_error") is True, cache)]


def _source(block: Tree, path: str, kind: Any) -> Media:
    source = object_of(block.get("source"), f"{path}.source")
    name, cache = str(block.get("title") or ""), block.get("cache_control")
    match source.get("type"):
        case "base64":
            data = text_of(source.get("data"), f"{path}.source.data")
            return Media(kind, path, str(source.get("media_type") or ""), data, name=name, cache=cache)
        case "url":
            return Media(kind, path, url=text_of(source.get("url"), f"{path}.source.url"), name=name, cache=cache)
        case _:
            raise Unsupported(f"{path}.source", "the file is kept at another vendor; send its data")


def _document(block: Tree, path: str, losses: Losses) -> list[Part]:
    """Return a file; one that is text becomes text, under its title."""
    source = object_of(block.get("source"), f"{path}.source")
    if source.get("type") not in ("text", "content"):
        return [_source(block, path, "document")]
    title: list[Part] = [Text(block["title"])] if isinstance(block.get("title"), str) and block["title"] else []
    inside = source.get("data") if source["type"] == "text" else source.get("content")
    return [*title, *_parts(inside, f"{path}.source.content", losses)]


def _tools(tools: Any, losses: Losses) -> tuple[Tool, ...]:
    found = []
    for number, tool in enumerate(objects_of(tools or [], "tools")):
        path, kind = f"tools[{number}]", tool.get("type")
        if kind not in (None, "custom"):
            raise Unsupported(path, f"only its vendor has the tool {word_of(kind)}; leave it out, or choose its model")
        known = take(tool, verdicts.MESSAGE_TOOL, path, losses)
        found.append(tool_of(known, known.get("input_schema"), path))
    return tuple(found)


def _choice(choice: Any) -> tuple[Choice | None, bool | None]:
    if choice is None:
        return None, None
    mode = _MODES.get(str(object_of(choice, "tool_choice").get("type")))
    if mode is None:
        raise Unsupported("tool_choice.type", "must be auto, any, none or tool")
    name = text_of(choice.get("name"), "tool_choice.name") if mode == "named" else ""
    parallel = False if choice.get("disable_parallel_tool_use") is True else None
    return Choice(mode, name), parallel  # type: ignore[arg-type]  # one of the modes


def _thinking(thinking: Any, effort: Any, losses: Losses) -> Thinking | None:
    if effort is not None and effort not in EFFORTS:
        raise Unsupported("output_config.effort", f"must be one of {', '.join(EFFORTS)}")
    if thinking is None:
        return None if effort is None else Thinking(effort)
    kind = object_of(thinking, "thinking").get("type")
    if thinking.get("display") not in (None, "summarized"):
        losses.lose("thinking.display", "the target shows its thinking as it does")
    if kind == "disabled":
        return Thinking(effort, is_off=True)
    budget = thinking.get("budget_tokens")
    return Thinking(effort, budget if isinstance(budget, int) else 0)


def _form(wanted: Any) -> Format | None:
    if wanted is None:
        return None
    if not isinstance(wanted, dict) or wanted.get("type") != "json_schema":
        raise Unsupported("output_config.format", "must be of type json_schema")
    return Format(object_of(wanted.get("schema", {}), "output_config.format.schema"))
