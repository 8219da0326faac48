"""Typed reads of the few request fields that the gateway acts on, with errors that name the field."""

from typing import Any, Final

import orjson

from gateway.domain.errors import InvalidRequest
from gateway.wire.body import Tree, serialise

LONGEST_NAME: Final = 256
MOST_TOKENS: Final = 2**31 - 1
"""Beyond it a cost does not fit into the 64 bits that the ledger has for it."""
MOST_CHOICES: Final = 1024


def text(tree: Tree, name: str) -> str:
    """Return a string field; empty if it is missing or null.

    Raises:
        InvalidRequest: it is something else.
    """
    value = tree.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidRequest(f"'{name}' must be a string")
    return value


def model(tree: Tree) -> str:
    """Return the asked model's name.

    Raises:
        InvalidRequest: there is none, or it is not a name: it is used in headers, logs and the ledger, where no text
            may.
    """
    name = text(tree, "model")
    if not name:
        raise InvalidRequest("'model' must name a model; GET /v1/models lists them")
    if len(name) > LONGEST_NAME:
        raise InvalidRequest(f"'model' is longer than {LONGEST_NAME} characters")
    return name


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


def count(tree: Tree, name: str, *, default: int = 0, most: int = MOST_TOKENS) -> int:
    """Return a whole, non-negative number; ``default`` if missing or null.

    Raises:
        InvalidRequest: it is something else.
    """
    value = tree.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidRequest(f"'{name}' must be a whole number, zero or more")
    if value > most:
        raise InvalidRequest(f"'{name}' is larger than {most}")
    return value


def objects(value: Any) -> list[Tree]:
    """Return the objects of a list; an empty list for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def event_data(event: Tree) -> bytes:
    """Return an object as the data of one event of a stream."""
    return b"data: " + orjson.dumps(event) + b"\n\n"


def plain_text(content: Any) -> str:
    """Return the text of a message's content: a string, or its text parts joined."""
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in objects(content) if isinstance(part.get("text"), str))


def arguments(value: Any) -> str:
    """Return the arguments of a call as JSON text; some servers and clients give the object itself."""
    if value is None or isinstance(value, str):
        return value or ""
    return serialise(value).decode()


def whole(value: Any) -> int:
    """Return a token count as an upstream reports it; anything else counts as 0, and counts have a maximum."""
    return min(value, MOST_TOKENS) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
