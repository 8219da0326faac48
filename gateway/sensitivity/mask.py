"""Findings out, placeholders in: a copy of the request that a target may see where it may not see the values."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import orjson

from gateway.sensitivity.vault import Vault


class TextPlace(Protocol):
    """Where text of a kind is found."""

    @property
    def start(self) -> int:
        """Offset of its first character."""

    @property
    def end(self) -> int:
        """Offset after its last character."""

    @property
    def kind(self) -> str:
        """The kind of the detector that found it."""


Find = Callable[[str], Sequence[TextPlace]]
"""Returns the places in one string, sorted, without overlap."""


DEEPEST: Final = 32
"""JSON in a string that is deeper is masked as the text that it is."""


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
        fits = isinstance(found, dict | list) and _depth(found) <= DEEPEST and _same(text, found)
    except (ValueError, RecursionError):
        return None
    return found if fits else None


def _same(text: str, found: Any) -> bool:
    """Return whether writing the JSON again changes nothing that is said: no duplicate key, no truncated number."""
    said = json.loads(text, object_pairs_hook=list, parse_int=str, parse_float=str)
    return bool(said == json.loads(orjson.dumps(found), object_pairs_hook=list, parse_int=str, parse_float=str))


def _depth(node: Any) -> int:
    level, depth = [node], 0
    while level and depth <= DEEPEST:
        depth += 1
        level = [
            value
            for one in level
            for value in (one.values() if isinstance(one, dict) else one)
            if isinstance(value, dict | list)
        ]
    return depth
