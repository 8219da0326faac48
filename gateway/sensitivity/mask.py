"""Values out, placeholders in: a copy of the request that a target may see where it may not see the values.

A value that was found anywhere is replaced wherever it stands, with a label or without, in every form in which it may
be written again: as it was found, unfolded, escaped for JSON and not.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import orjson

from gateway.sensitivity.occurrences import Occurrences, replaced
from gateway.sensitivity.vault import Vault, as_json

DEEPEST: Final = 32
"""JSON in a string that is deeper is masked as the text that it is."""
_CONTENT: Final = frozenset({"messages", "input", "system"})
"""Fields of a body in which a number may become a text."""
_LEAST_NUMBER: Final = 10**7


class Value(NamedTuple):
    """Something that a target may not see."""

    kind: str
    written: str
    """As it is written in the request."""
    read: str
    """As it was read: escapes undone, letters in disguise folded."""


class Unmaskable(Exception):
    """A value is where no placeholder can be."""


def mask(tree: Any, values: Iterable[Value], vault: Vault) -> Any:
    """Return a copy of a JSON value in which every occurrence of the values in a string is its placeholder.

    JSON inside of a string, as tools' arguments are, is masked inside its own strings, so that a placeholder never
    stands for half an escape. A number in a conversation that is a value becomes a placeholder, too.

    Raises:
        Unmaskable: a value is in a key, or a number elsewhere.
    """
    return _Masking(_forms(values), vault).node(tree, content=not isinstance(tree, dict))


def _forms(values: Iterable[Value]) -> dict[str, str]:
    """Return each form of each value, with its kind."""
    forms: dict[str, str] = {}
    for kind, written, read in values:
        plain = _unescaped(written)
        for form in (written, read, plain, as_json(plain)):
            forms.setdefault(form, kind)
    return forms


def _unescaped(written: str) -> str:
    if "\\" not in written:
        return written
    try:
        plain = orjson.loads(f'"{written}"')
    except ValueError:
        return written
    return plain if isinstance(plain, str) else written


class _Masking:
    """One copy."""

    def __init__(self, forms: Mapping[str, str], vault: Vault) -> None:
        self._forms, self._vault = forms, vault
        self._occurrences = Occurrences(forms)
        self._names: dict[str, str] = {}

    def node(self, node: Any, *, content: bool) -> Any:
        if isinstance(node, str):
            return self._text(node)
        if isinstance(node, list):
            return [self.node(item, content=content) for item in node]
        if isinstance(node, dict):
            for name in node:
                if self._occurrences.places(name):
                    raise Unmaskable
            return {name: self.node(value, content=content or name in _CONTENT) for name, value in node.items()}
        if isinstance(node, int | float) and not isinstance(node, bool) and abs(node) >= _LEAST_NUMBER:
            return self._number(node, content=content)
        return node

    def _number(self, number: float, *, content: bool) -> Any:
        written = str(int(number)) if number == number and abs(number) != float("inf") else ""  # noqa: PLR0124 -- NaN
        if written not in self._forms:
            return number
        if not content:
            raise Unmaskable
        return self._placeholder(written)

    def _text(self, text: str) -> str:
        places = self._occurrences.places(text)
        if not places:
            return text
        inside = _json(text)
        if inside is not None:
            return orjson.dumps(self.node(inside, content=True)).decode()
        for place in places:
            self._placeholder(place.value)
        return replaced(text, places, self._names)

    def _placeholder(self, value: str) -> str:
        name = self._names.get(value)
        if name is None:
            name = self._names[value] = self._vault.placeholder(self._forms[value], value)
        return name


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
