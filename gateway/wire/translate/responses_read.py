"""A request of OpenAI's Responses in the form between dialects.

Source: OpenAI API reference, "Create a model response"; openai-python 2 (types).
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from gateway.domain.target import Dialect
from gateway.wire import fields
from gateway.wire.body import Tree
from gateway.wire.translate import verdicts
from gateway.wire.translate.hub import (
    Asked,
    Call,
    Format,
    Losses,
    Media,
    Part,
    Refusal,
    Result,
    Role,
    Text,
    Thinking,
    Tool,
    Turn,
    Unsupported,
)
from gateway.wire.translate.names import in_namespace
from gateway.wire.translate.openai_fields import MARK, effort_of, media_of, tier_of
from gateway.wire.translate.responses_tools import choice_of, tools_of
from gateway.wire.translate.seals import of_responses
from gateway.wire.translate.typed import flag_of, number_of, object_of, objects_of, strings_of, text_of, word_of
from gateway.wire.translate.verdicts import take

_ROLES: Final[dict[str, Role]] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
_KEPT: Final = {
    "item_reference": "the item is kept at another vendor; send the item itself",
    "compaction": "only its vendor can read what was compacted; send the conversation itself",
    "compaction_trigger": "the target compacts nothing; leave it out",
}
_ENCRYPTED: Final = "reasoning.encrypted_content"


def read_responses(tree: Tree, losses: Losses, _wanted: Dialect = "openai.chat") -> Asked:
    """Return what the request asks for; what has no place in the other dialect is noted.

    Raises:
        Unsupported: it asks for something that no other dialect has.
    """
    body = take(tree, verdicts.RESPONSES, "", losses)
    given = body.get("input")
    items = [{"role": "user", "content": given}] if isinstance(given, str) else objects_of(given or [], "input")
    text = object_of(body.get("text", {}), "text")
    _beside(body, text, losses)
    most = body.get("max_output_tokens")
    tools = (*tools_of(body.get("tools"), "tools", losses), *_later_tools(items, losses))
    choice, tools = choice_of(body.get("tool_choice"), tools, losses)
    instructions = body.get("instructions")
    system = [Turn("system", (Text(text_of(instructions, "instructions")),))] if instructions else []
    return Asked(
        turns=(*system, *_joined(_turns(items, losses))),
        tools=tools,
        choice=choice,
        parallel=flag_of(body, "parallel_tool_calls"),
        max_tokens=most if isinstance(most, int) and most > 0 else None,
        stream=body.get("stream") is True,
        temperature=number_of(body, "temperature"),
        top_p=number_of(body, "top_p"),
        thinking=_thinking(body.get("reasoning"), losses),
        form=_form(text.get("format"), losses),
        user=text_of(body.get("user") or body.get("safety_identifier") or "", "safety_identifier"),
        tier=tier_of(body.get("service_tier")),
    )


def _beside(body: Tree, text: Tree, losses: Losses) -> None:
    """Note what is asked for beside the answer itself."""
    for number, wanted in enumerate(strings_of(body.get("include") or [], "include")):
        if wanted != _ENCRYPTED:
            losses.lose(f"include[{number}]", "the target's dialect does not give it")
    if body.get("truncation") not in (None, "disabled"):
        losses.lose("truncation", "the target shortens nothing; a request that is too long is refused")
    if text.get("verbosity") not in (None, "medium"):
        losses.lose("text.verbosity", "the target's dialect has no such parameter")


def _later_tools(items: list[Tree], losses: Losses) -> Iterator[Tool]:
    """Yield the tools that come in the middle of the conversation."""
    for number, item in enumerate(items):
        if item.get("type") == "additional_tools":
            yield from tools_of(item.get("tools"), f"input[{number}].tools", losses)


def _turns(items: list[Tree], losses: Losses) -> Iterator[Turn]:
    for number, item in enumerate(items):
        path = f"input[{number}]"
        kind = str(item.get("type") or "message")
        if kind in _KEPT:
            raise Unsupported(path, _KEPT[kind])
        if kind not in verdicts.ITEMS:
            losses.lose(
                path, f"an item of type {word_of(kind)} belongs to the vendor's own tools, or is not known here"
            )
            continue
        yield from _item(kind, take(item, verdicts.ITEMS[kind], path, losses), path, losses)


def _item(kind: str, item: Tree, path: str, losses: Losses) -> Iterator[Turn]:
    match kind:
        case "message":
            role = _ROLES.get(str(item.get("role")))
            if role is None:
                raise Unsupported(f"{path}.role", "must be system, developer, user or assistant")
            yield Turn(role, tuple(_parts(item.get("content"), f"{path}.content", losses)))
        case "function_call" | "custom_tool_call":
            yield Turn("assistant", (_call(item, path, free=kind == "custom_tool_call"),))
        case "function_call_output" | "custom_tool_call_output":
            inside = _parts(item.get("output"), f"{path}.output", losses)
            kept = tuple([part for part in inside if isinstance(part, Text | Media)])
            yield Turn("user", (Result(text_of(item.get("call_id"), f"{path}.call_id"), kept),))
        case "reasoning":
            said = "".join(_said(item.get("summary"))) or "".join(_said(item.get("content")))
            sealed = text_of(item.get("encrypted_content") or "", f"{path}.encrypted_content")
            if said or sealed:
                yield Turn("assistant", (of_responses(said, sealed, str(item.get("id") or "")),))
        case _:  # tools that come later are read with all others
            return


def _call(item: Tree, path: str, *, free: bool) -> Call:
    name = text_of(item.get("name"), f"{path}.name")
    if free:
        arguments = fields.arguments({"input": text_of(item.get("input") or "", f"{path}.input")})
    else:
        arguments = fields.arguments(item.get("arguments"))
    full = in_namespace(name, str(item.get("namespace") or ""))
    return Call(text_of(item.get("call_id"), f"{path}.call_id"), full, arguments, free=free)


def _said(parts: Any) -> Iterator[str]:
    """Yield the texts of a summary, paragraph by paragraph, or of reasoning itself."""
    for number, part in enumerate(fields.objects(parts)):
        if isinstance(part.get("text"), str):
            yield ("\n\n" if number else "") + part["text"]


def _joined(turns: Iterable[Turn]) -> Iterator[Turn]:
    """Yield what one side says at once as one turn: thinking, text and calls of an answer are items of their own."""
    open_: Turn | None = None
    for turn in turns:
        if open_ is None or open_.role != turn.role or not (turn.role == "assistant" or _is_result(open_, turn)):
            if open_ is not None:
                yield open_
            open_ = turn
        else:
            open_ = Turn(turn.role, (*open_.parts, *turn.parts))
    if open_ is not None:
        yield open_


def _is_result(*turns: Turn) -> bool:
    return all(isinstance(part, Result) for turn in turns for part in turn.parts)


def _parts(content: Any, path: str, losses: Losses) -> list[Part]:
    if content is None:
        return []
    if isinstance(content, str):
        return [Text(content)]
    found: list[Part] = []
    for number, part in enumerate(objects_of(content, path)):
        place, kind = f"{path}[{number}]", str(part.get("type"))
        if kind not in verdicts.RESPONSES_PARTS:
            losses.lose(place, f"a part of type {word_of(kind)} is not known here")
            continue
        found.append(_part(kind, take(part, verdicts.RESPONSES_PARTS[kind], place, losses), place))
    return found


def _part(kind: str, part: Tree, path: str) -> Part:
    cache = MARK if part.get("prompt_cache_breakpoint") else None
    match kind:
        case "refusal":
            return Refusal(text_of(part.get("refusal"), f"{path}.refusal"))
        case "input_image":
            if not part.get("image_url"):
                raise Unsupported(f"{path}.file_id", "the file is kept at another vendor; send its data")
            return media_of(part["image_url"], f"{path}.image_url", "image", detail=part.get("detail"), cache=cache)
        case "input_file":
            return _file(part, path, cache)
        case "input_audio":
            sound = object_of(part.get("input_audio"), f"{path}.input_audio")
            return Media("audio", path, f"audio/{sound.get('format')}", str(sound.get("data") or ""))
        case _:
            return Text(text_of(part.get("text"), f"{path}.text"), cache)


def _file(part: Tree, path: str, cache: Tree | None) -> Media:
    name = str(part.get("filename") or "")
    given = next((field for field in ("file_data", "file_url") if part.get(field)), None)
    if given is None:
        raise Unsupported(f"{path}.file_id", "the file is kept at another vendor; send its data")
    return media_of(part[given], f"{path}.{given}", "document", name=name, cache=cache)


def _thinking(wanted: Any, losses: Losses) -> Thinking | None:
    """Return how much it thinks."""
    reasoning = object_of(wanted or {}, "reasoning")
    for name in ("summary", "generate_summary"):
        if reasoning.get(name) not in (None, "auto"):
            losses.lose(f"reasoning.{name}", "the target shows its thinking as it does")
    for name in reasoning.keys() - {"effort", "summary", "generate_summary"}:
        if reasoning[name] is not None:
            losses.lose(f"reasoning.{word_of(name)}", "the target's dialect has no such parameter")
    return effort_of(reasoning.get("effort"), "reasoning.effort")


def _form(wanted: Any, losses: Losses) -> Format | None:
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    if kind == "json_schema":
        if wanted.get("description"):
            losses.lose("text.format.description", "the target's dialect describes no format")
        schema = object_of(wanted.get("schema", {}), "text.format.schema")
        return Format(schema, str(wanted.get("name") or ""), flag_of(wanted, "strict"))
    if kind == "json_object":
        return Format()
    if wanted is None or kind == "text":
        return None
    raise Unsupported("text.format", "must be of type text, json_object or json_schema")
