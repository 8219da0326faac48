"""Typed reads for those who bring a request into the form between dialects: what is of another shape is refused."""

import re
from typing import Any, Final

from gateway.wire.body import Tree
from gateway.wire.translate.hub import Tool, Unsupported

_WORD: Final = re.compile(r"[a-z]{2,20}(?:_[a-z]{1,20}){0,3}(?:_20\d{6})?")


def word_of(value: Any) -> str:
    """Return a type as a message may show it: a word, with a version behind it; nothing that may hold a text."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else "unknown"


def text_of(value: Any, path: str) -> str:
    """Return a string.

    Raises:
        Unsupported: it is none.
    """
    if not isinstance(value, str):
        raise Unsupported(path, "must be a string")
    return value


def object_of(value: Any, path: str) -> Tree:
    """Return an object.

    Raises:
        Unsupported: it is none.
    """
    if not isinstance(value, dict):
        raise Unsupported(path, "must be an object")
    return value


def number_of(tree: Tree, name: str) -> float | None:
    """Return a number; None if there is none.

    Raises:
        Unsupported: it is something else.
    """
    value = tree.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise Unsupported(name, "must be a number")
    return value


def flag_of(tree: Tree, name: str) -> bool | None:
    """Return true or false; None if neither is said.

    Raises:
        Unsupported: it is something else.
    """
    value = tree.get(name)
    if value is not None and not isinstance(value, bool):
        raise Unsupported(name, "must be true or false")
    return value


def strings_of(value: Any, path: str) -> tuple[str, ...]:
    """Return the strings of a list.

    Raises:
        Unsupported: it is no list, or holds something else.
    """
    if not isinstance(value, list):
        raise Unsupported(path, "must be a list")
    return tuple([text_of(item, f"{path}[{number}]") for number, item in enumerate(value)])


def objects_of(value: Any, path: str) -> list[Tree]:
    """Return the objects of a list.

    Raises:
        Unsupported: it is no list, or holds something else.
    """
    if not isinstance(value, list):
        raise Unsupported(path, "must be a list")
    return [object_of(item, f"{path}[{number}]") for number, item in enumerate(value)]


def tool_of(tree: Tree, schema: Any, path: str) -> Tool:
    """Return a tool from its name, description and so on; ``schema``: of its arguments.

    Raises:
        Unsupported: one of them is of another shape.
    """
    description, cache = tree.get("description"), tree.get("cache_control")
    return Tool(
        text_of(tree.get("name"), f"{path}.name"),
        None if description is None else text_of(description, f"{path}.description"),
        None if schema is None else object_of(schema, f"{path}.parameters"),
        flag_of(tree, "strict"),
        cache if isinstance(cache, dict) else None,
    )
