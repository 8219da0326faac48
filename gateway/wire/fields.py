"""Typed reads of the few request fields that the gateway acts on, with errors that name the field."""

from typing import Any

from gateway.domain.errors import InvalidRequest
from gateway.wire.body import Tree


def text(tree: Tree, name: str, default: str = "") -> str:
    """Return a string field; ``default`` if it is missing or null.

    Raises:
        InvalidRequest: it is something else.
    """
    value = tree.get(name)
    if value is None:
        return default
    if not isinstance(value, str):
        raise InvalidRequest(f"'{name}' must be a string")
    return value


def flag(tree: Tree, name: str) -> bool:
    """Return a boolean field, false if missing or null.

    Raises:
        InvalidRequest: it is something else.
    """
    value = tree.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise InvalidRequest(f"'{name}' must be true or false")
    return value


def count(tree: Tree, name: str, default: int = 0) -> int:
    """Return a whole, non-negative number; ``default`` if missing or null.

    Raises:
        InvalidRequest: it is something else.
    """
    value = tree.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidRequest(f"'{name}' must be a whole number, zero or more")
    return value


def objects(value: Any) -> list[Tree]:
    """Return the objects of a list; an empty list for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def plain_text(content: Any) -> str:
    """Return the text of a message's content: a string, or its text parts joined."""
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in objects(content) if isinstance(part.get("text"), str))


def whole(value: Any) -> int:
    """Return a token count; anything that is not a number counts as 0."""
    return value if isinstance(value, int) and value > 0 else 0
