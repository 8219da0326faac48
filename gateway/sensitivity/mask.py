"""Findings out, placeholders in: a copy of the request that a target may see where it may not see the values."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import orjson

from gateway.sensitivity.vault import Vault


class Place(Protocol):
    """Where matter of a kind stands in a text."""

    @property
    def start(self) -> int:
        """Offset of its first character."""

    @property
    def end(self) -> int:
        """Offset after its last character."""

    @property
    def kind(self) -> str:
        """The kind of the detector that found it."""


Find = Callable[[str], Sequence[Place]]
"""Returns the places in one string, sorted, without overlap."""


def mask(node: Any, find: Find, vault: Vault) -> Any:
    """Return a copy of a JSON value in which each finding in a string is its placeholder. Keys stay as they are.

    JSON inside of a string, as tools' arguments are, is masked inside its own strings, so that a placeholder never
    stands for half an escape.
    """
    if isinstance(node, str):
        return _text(node, find, vault)
    if isinstance(node, list):
        return [mask(item, find, vault) for item in node]
    if isinstance(node, dict):
        return {name: mask(value, find, vault) for name, value in node.items()}
    return node


def _text(text: str, find: Find, vault: Vault) -> str:
    places = find(text)
    if not places:
        return text
    inside = _json(text)
    if inside is not None:
        return orjson.dumps(mask(inside, find, vault)).decode()
    pieces: list[str] = []
    done = 0
    for place in places:
        pieces += (text[done : place.start], vault.placeholder(place.kind, text[place.start : place.end]))
        done = place.end
    return "".join((*pieces, text[done:]))


def _json(text: str) -> Any:
    """Return the object or list that a string is the JSON of; None if it is none."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        found = orjson.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict | list) else None
