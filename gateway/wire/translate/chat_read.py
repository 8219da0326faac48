"""A request of OpenAI's chat in the form between dialects.

Source: OpenAI API reference, "Create chat completion"; ``reasoning_content`` as DeepSeek, Moonshot and vLLM have it.
"""

from typing import Any, Final

from gateway.domain.target import Dialect
from gateway.wire import fields
from gateway.wire.body import Tree
from gateway.wire.translate import verdicts
from gateway.wire.translate.details import BLOCKS, FIELD, blocks, thoughts
from gateway.wire.translate.hub import (
    Asked,
    Call,
    Choice,
    Format,
    Losses,
    Media,
    Part,
    Refusal,
    Result,
    Role,
    Text,
    Thought,
    Tool,
    Turn,
    Unsupported,
)
from gateway.wire.translate.openai_fields import MARK, effort_of, media_of, tier_of
from gateway.wire.translate.responses_tools import free_tool
from gateway.wire.translate.typed import (
    flag_of,
    number_of,
    object_of,
    objects_of,
    strings_of,
    text_of,
    tool_of,
    word_of,
)
from gateway.wire.translate.verdicts import take

_ROLES: Final[dict[str, Role]] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
_MODES: Final = ("auto", "none", "required")


def read_chat(tree: Tree, losses: Losses, wanted: Dialect = "anthropic.messages") -> Asked:
    """Return what the request asks for; what has no place in the other dialect is noted.

    Raises:
        Unsupported: it asks for something that no other dialect has.
    """
    body = take(tree, verdicts.chat_for(wanted), "", losses)
    if fields.count(body, "n", default=1) > 1:
        raise Unsupported("n", "the target gives one answer a call; ask for each by itself")
    stop = body.get("stop")
    most = body.get("max_completion_tokens") or body.get("max_tokens")
    return Asked(
        turns=_turns(body.get("messages"), losses),
        tools=_tools(body.get("tools"), losses),
        choice=_choice(body.get("tool_choice")),
        parallel=flag_of(body, "parallel_tool_calls"),
        max_tokens=most if isinstance(most, int) and most > 0 else None,
        stop=(stop,) if isinstance(stop, str) else () if stop is None else strings_of(stop, "stop"),
        stream=body.get("stream") is True,
        temperature=number_of(body, "temperature"),
        top_p=number_of(body, "top_p"),
        thinking=effort_of(body.get("reasoning_effort"), "reasoning_effort"),
        form=_form(body.get("response_format"), losses),
        user=text_of(body.get("user") or body.get("safety_identifier") or "", "safety_identifier"),
        tier=tier_of(body.get("service_tier")),
        beside={name: body[name] for name in verdicts.ONLY_OPENAI if name in body} or None,
    )


def _turns(messages: Any, losses: Losses) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    for number, message in enumerate(objects_of(messages, "messages")):
        path = f"messages[{number}]"
        turn = take(message, verdicts.CHAT_TURN, path, losses)
        if turn.get("role") == "tool":
            result = Result(
                text_of(turn.get("tool_call_id"), f"{path}.tool_call_id"),
                tuple([one for one in _parts(turn.get("content"), path, losses) if isinstance(one, Text | Media)]),
            )
            turns.append(Turn("user", (result,)))
            continue
        role = _ROLES.get(str(turn.get("role")))
        if role is None:
            raise Unsupported(f"{path}.role", "must be system, developer, user, assistant or tool")
        parts = _parts(turn.get("content"), path, losses)
        turns.append(Turn(role, (*_thoughts(turn), *parts, *_said(turn, path, losses))))
    return tuple(turns)


def _thoughts(turn: Tree) -> list[Part]:
    if signed := thoughts(turn.get(FIELD)) or blocks(turn.get(BLOCKS)):
        return signed
    thought = turn.get("reasoning_content") or turn.get("reasoning")
    return [Thought(thought)] if isinstance(thought, str) and thought else []


def _said(turn: Tree, path: str, losses: Losses) -> list[Part]:
    """Return an assistant's refusal and calls."""
    said: list[Part] = [Refusal(turn["refusal"])] if isinstance(turn.get("refusal"), str) else []
    for number, call in enumerate(objects_of(turn.get("tool_calls", []), f"{path}.tool_calls")):
        place = f"{path}.tool_calls[{number}]"
        known = take(call, verdicts.CHAT_CALL, place, losses)
        kind = "custom" if "custom" in known else "function"
        function = object_of(known.get(kind), f"{place}.{kind}")
        name = text_of(function.get("name"), f"{place}.{kind}.name")
        free = kind == "custom"
        given = {"input": function.get("input") or ""} if free else function.get("arguments")
        said.append(Call(text_of(known.get("id"), f"{place}.id"), name, fields.arguments(given), free=free))
    return said


def _parts(content: Any, path: str, losses: Losses) -> list[Part]:
    if content is None:
        return []
    if isinstance(content, str):
        return [Text(content)]
    found: list[Part] = []
    for number, part in enumerate(objects_of(content, f"{path}.content")):
        place = f"{path}.content[{number}]"
        kind = str(part.get("type"))
        if kind not in verdicts.CHAT_PARTS:
            losses.lose(place, f"a part of type {kind[:40]} is not known here")
            continue
        found.append(_part(kind, take(part, verdicts.CHAT_PARTS[kind], place, losses), place))
    return found


def _part(kind: str, part: Tree, path: str) -> Part:
    cache = part.get("cache_control") or (MARK if part.get("prompt_cache_breakpoint") else None)
    match kind:
        case "text":
            return Text(text_of(part.get("text"), f"{path}.text"), cache)
        case "refusal":
            return Refusal(text_of(part.get("refusal"), f"{path}.refusal"))
        case "image_url":
            given = part.get("image_url")
            image = {"url": given} if isinstance(given, str) else object_of(given, f"{path}.image_url")
            return media_of(image.get("url"), f"{path}.image_url.url", "image", detail=image.get("detail"), cache=cache)
        case "file":
            file = object_of(part.get("file"), f"{path}.file")
            if "file_data" not in file:
                raise Unsupported(f"{path}.file.file_id", "the file is kept at another vendor; send its data")
            name = str(file.get("filename") or "")
            return media_of(file["file_data"], f"{path}.file.file_data", "document", name=name, cache=cache)
        case _:
            sound = object_of(part.get("input_audio"), f"{path}.input_audio")
            return Media("audio", path, f"audio/{sound.get('format')}", str(sound.get("data") or ""))


def _tools(tools: Any, losses: Losses) -> tuple[Tool, ...]:
    found = []
    for number, tool in enumerate(objects_of(tools or [], "tools")):
        path = f"tools[{number}]"
        known = take(tool, verdicts.CHAT_TOOL, path, losses)
        if known.get("type") == "custom":
            custom = object_of(known.get("custom"), f"{path}.custom")
            flat = _grammar(custom.get("format"))
            found.append(free_tool(take(custom, verdicts.CHAT_CUSTOM, f"{path}.custom", losses), flat, path, losses))
            continue
        if known.get("type") != "function":
            raise Unsupported(path, f"the target knows no tools of type {word_of(known.get('type'))}; use a function")
        function = take(
            object_of(known.get("function"), f"{path}.function"), verdicts.CHAT_FUNCTION, f"{path}.function", losses
        )
        found.append(tool_of(function, function.get("parameters"), f"{path}.function"))
    return tuple(found)


def _grammar(form: Any) -> Tree | None:
    """Return what a free tool's text must look like, as Responses says it."""
    grammar = form.get("grammar") if isinstance(form, dict) and form.get("type") == "grammar" else None
    return {"type": "grammar", **grammar} if isinstance(grammar, dict) else None


def _choice(choice: Any) -> Choice | None:
    if choice is None:
        return None
    if choice in _MODES:
        return Choice(choice)
    named = choice.get("function", choice.get("custom")) if isinstance(choice, dict) else None
    if not isinstance(named, dict):
        raise Unsupported("tool_choice", "must be auto, none, required, or name one function")
    return Choice("named", text_of(named.get("name"), "tool_choice.function.name"))


def _form(wanted: Any, losses: Losses) -> Format | None:
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    if kind == "json_schema":
        described = object_of(wanted.get("json_schema"), "response_format.json_schema")
        if described.get("description"):
            losses.lose("response_format.json_schema.description", "the target's dialect describes no format")
        schema = object_of(described.get("schema", {}), "response_format.json_schema.schema")
        return Format(schema, str(described.get("name") or ""), flag_of(described, "strict"))
    if kind == "json_object":
        return Format()
    if wanted is None or kind == "text":
        return None
    raise Unsupported("response_format", "must be of type text, json_object or json_schema")
