"""Tools of OpenAI's Responses: functions, tools that take free text, groups of them, and those that the vendor runs.

Source: OpenAI API reference, "Function calling", "Custom tools", "Allowed tools"; openai-python 2 (types).
"""

from typing import Any, Final

from gateway.wire.body import Tree
from gateway.wire.translate import verdicts
from gateway.wire.translate.hub import Choice, Losses, Tool, Unsupported
from gateway.wire.translate.names import in_namespace
from gateway.wire.translate.typed import object_of, objects_of, text_of, tool_of, word_of
from gateway.wire.translate.verdicts import take

_MODES: Final = ("auto", "none", "required")
_OWN: Final = ("function", "custom")


def tools_of(tools: Any, path: str, losses: Losses) -> tuple[Tool, ...]:
    """Return the tools that the caller runs. What the vendor runs is not sent, if there are others that are.

    Raises:
        Unsupported: there are none but the vendor's: then the call is about those.
    """
    found: list[Tool] = []
    hosted: list[tuple[str, str]] = []
    for number, tool in enumerate(objects_of(tools or [], path)):
        place, kind = f"{path}[{number}]", str(tool.get("type"))
        if kind in verdicts.RESPONSES_TOOLS:
            found += _tools(kind, take(tool, verdicts.RESPONSES_TOOLS[kind], place, losses), place, losses)
        else:
            hosted.append((place, word_of(kind)))
    if hosted and not found:
        place, kind = hosted[0]
        raise Unsupported(place, f"only its vendor has the tool {kind}; leave it out, or choose its model")
    for place, kind in hosted:
        losses.lose(place, f"only its vendor has the tool {kind}")
    return tuple(found)


def _tools(kind: str, tool: Tree, path: str, losses: Losses) -> list[Tool]:
    if kind == "custom":
        return [free_tool(tool, tool.get("format"), path, losses)]
    if kind == "function":
        return [tool_of(tool, tool.get("parameters"), path)]
    group = text_of(tool.get("name"), f"{path}.name")
    if tool.get("description"):
        losses.lose(f"{path}.description", "the target's dialect has no groups of tools")
    return [_grouped(one, group) for one in tools_of(tool.get("tools"), f"{path}.tools", losses)]


def _grouped(tool: Tool, group: str) -> Tool:
    return Tool(tool.name, tool.description, tool.schema, tool.strict, tool.cache, tool.free, tool.form, group)


def free_tool(tool: Tree, form: Any, path: str, losses: Losses) -> Tool:
    """Return a tool that takes text. Its grammar becomes a description of the text: no other dialect has grammars.

    Raises:
        Unsupported: name or description are no strings.
    """
    known = tool_of({name: tool[name] for name in ("name", "description") if name in tool}, None, path)
    rules = form if isinstance(form, dict) and form.get("type") == "grammar" else None
    if rules is not None:
        losses.lose(f"{path}.format", "no other dialect has grammars: the target reads it as a description")
    return Tool(known.name, known.description, free=True, form=rules)


def choice_of(choice: Any, tools: tuple[Tool, ...], losses: Losses) -> tuple[Choice | None, tuple[Tool, ...]]:
    """Return which tools may be called, and the tools that are sent.

    Raises:
        Unsupported: it is a tool that the vendor runs, or of another shape.
    """
    if choice is None:
        return None, tools
    if isinstance(choice, str) and choice in _MODES:
        return Choice(choice), tools  # type: ignore[arg-type]  # one of the modes
    named = object_of(choice, "tool_choice")
    kind = named.get("type")
    if kind == "allowed_tools":
        return _allowed(named, tools, losses)
    if kind not in _OWN:
        raise Unsupported("tool_choice", f"only its vendor has the tool {word_of(kind)}; choose another one")
    return Choice("named", _full(named, "tool_choice")), tools


def _allowed(named: Tree, tools: tuple[Tool, ...], losses: Losses) -> tuple[Choice, tuple[Tool, ...]]:
    wanted = objects_of(named.get("tools"), "tool_choice.tools")
    names = {_full(one, "tool_choice.tools") for one in wanted if one.get("type") in _OWN}
    kept = tuple([tool for tool in tools if in_namespace(tool.name, tool.namespace) in names])
    if len(kept) < len(tools):
        losses.lose("tool_choice.tools", "the target's dialect cannot forbid tools: only the allowed ones are sent")
    return Choice("required" if named.get("mode") == "required" else "auto"), kept


def _full(named: Tree, path: str) -> str:
    return in_namespace(text_of(named.get("name"), f"{path}.name"), str(named.get("namespace") or ""))
