"""Values out, placeholders in: a copy of the request that a target may see where it may not see the values.

A value that was found anywhere is replaced wherever it stands, with a label or without, in every form in which it may
be written again: as it was found, unfolded, escaped for JSON and not.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import unescape
from typing import Any, Final, NamedTuple

import orjson

from gateway.domain.sensitivity import MEDIA
from gateway.sensitivity.media import kind_of, withheld
from gateway.sensitivity.occurrences import Occurrences, Place
from gateway.sensitivity.vault import Vault
from gateway.sensitivity.walk import CONVERSATION, KNOWN_PARTS, READABLE, SPEAKERS, unreadable
from gateway.sensitivity.written import Line, forms, read, unescaped

DEEPEST: Final = 32
"""JSON in a string that is deeper is masked as the text that it is."""
_CONTENT: Final = frozenset({"messages", "input", "system"})
"""Fields of a body in which a number may become a text."""
_NO_PARTS: Final = frozenset({"tools", "functions", "response_format", "metadata"})
"""Fields of a body in which an object with a type is a schema, not a part of a message."""
_NO_PARTS_IN: Final = frozenset({"input", "arguments"})
"""Fields of a conversation in which an object is a tool's input."""
_ARGUMENTS: Final = "arguments"
"""Of a call: JSON that nobody reads as a text."""
_LEAST_NUMBER: Final = 10**7
_FIXED: Final = frozenset({"role", "type"})
"""Fields whose words are the protocol's own: a placeholder there breaks the request."""
_WORDS_OF_PROTOCOL: Final = (
    READABLE
    | KNOWN_PARTS
    | SPEAKERS
    | {
        *("array", "boolean", "integer", "null", "number", "object", "string"),
        *(
            "any",
            "auto",
            "base64",
            "custom",
            "disabled",
            "enabled",
            "ephemeral",
            "json_object",
            "json_schema",
            "none",
            "url",
        ),
    }
)


class Value(NamedTuple):
    """Something that a target may not see."""

    kind: str
    written: str
    """As it is written in the request."""
    read: str
    """As it was read: escapes undone, letters in disguise folded."""


class Unmaskable(Exception):
    """A value is where no placeholder can be."""


Withholds = Callable[[str, Mapping[str, Any]], bool]
"""Whether a part of a message that is no text, by its kind, is replaced by a text that says so."""


def mask(tree: Any, values: Iterable[Value], vault: Vault, withholds: Withholds = lambda _kind, _part: False) -> Any:
    """Return a copy of a JSON value in which every occurrence of the values in a string is its placeholder.

    Pictures and other parts that cannot be read become a text, if they are withheld.

    JSON inside of a string, as tools' arguments are, is masked inside its own strings, so that a placeholder never
    stands for half an escape. A number in a conversation that is a value becomes a placeholder, too.

    Raises:
        Unmaskable: a value is in a key, or a number elsewhere.
    """
    return _Masking(_forms(values), vault, withholds).node(tree, content=not isinstance(tree, dict))


def _forms(values: Iterable[Value]) -> dict[str, str]:
    """Return each form of each value, with its kind."""
    found: dict[str, str] = {}
    for kind, written, seen in values:
        for form in (written, seen, *_levels(written), *forms(seen), *forms(unescape(written))):
            found.setdefault(form, kind)
    return found


def _levels(written: str) -> Iterator[str]:
    """Yield how a value is written in JSON, in JSON in a string of JSON, and so on, as far as it has escapes."""
    yield from forms(plain := unescaped(written))
    while plain != written:
        written, plain = plain, unescaped(plain)
        yield plain


class _Masking:
    """One copy."""

    def __init__(self, forms: Mapping[str, str], vault: Vault, withholds: Withholds) -> None:
        self._forms, self._vault, self._withholds = forms, vault, withholds
        self._occurrences = Occurrences(forms)

    def node(self, node: Any, *, content: bool, parts: bool | None = False) -> Any:
        """Return a copy.

        Args:
            node: what is copied.
            content: whether it is in the conversation.
            parts: whether lists hold parts of a message; None: they never do, however deep.
        """
        if isinstance(node, str):
            return self._text(node)
        if isinstance(node, list):
            return [self.node(item, content=content, parts=parts) for item in node]
        if isinstance(node, dict):
            return self._object(node, content=content, parts=parts)
        if isinstance(node, int | float) and not isinstance(node, bool) and abs(node) >= _LEAST_NUMBER:
            return self._number(node, content=content)
        return node

    def _object(self, node: dict[str, Any], *, content: bool, parts: bool | None) -> Any:
        if parts and "role" not in node:
            kind = kind_of(unreadable(node))
            if kind in MEDIA and self._withholds(kind, node):
                self._vault.withhold(kind)
                return withheld(node, kind)
        copy = {}
        for name, value in node.items():
            if self._occurrences.places(name):
                raise Unmaskable
            if name in _FIXED and isinstance(value, str) and value in _WORDS_OF_PROTOCOL:
                copy[name] = value
                continue
            never = parts is None or name in (_NO_PARTS_IN if content else _NO_PARTS)
            if name == _ARGUMENTS and isinstance(value, str):
                copy[name] = self._text(value, call=True)
                continue
            below = None if never else name in CONVERSATION
            copy[name] = self.node(value, content=content or name in _CONTENT, parts=below)
        return copy

    def _number(self, number: float, *, content: bool) -> Any:
        written = str(int(number)) if number == number and abs(number) != float("inf") else ""  # noqa: PLR0124 -- NaN
        if written not in self._forms:
            return number
        if not content:
            raise Unmaskable
        return self._vault.placeholder(self._forms[written], written)

    def _text(self, text: str, *, call: bool = False) -> str:
        places = self._occurrences.places(text)
        if not places:
            return text
        inside = _json(text)
        if inside is None:
            return self._replaced(text, places)
        masked = self.node(inside, content=True, parts=None)
        kept = self._replaced(text, places, noted=not call and "\\n" not in text)
        return kept if _says(kept, masked) else orjson.dumps(masked).decode()

    def _replaced(self, text: str, places: Sequence[Place], *, noted: bool = True) -> str:
        """Return a text with the values at places replaced.

        A model that edits a file must see all else of it as it is, white space and escapes of JSON included.

        Args:
            text: a text.
            places: where values stand in it.
            noted: whether values are written in this way where their placeholders come back: not in a call, nor
                in JSON that holds a text with lines of its own.
        """
        line, done = Line(), 0
        pieces: list[str] = []
        for start, end, form in places:
            line.see(text[done:start])
            kind, at = self._forms[form], line.at(text[end : end + 2])
            value = read(form, at)
            name = self._vault.placeholder(kind, value)
            if noted and not self._vault.see(name, at, form):
                name = self._vault.placeholder(kind, value, form)
                self._vault.see(name, at, form)
            line.see(name)
            pieces += (text[done:start], name)
            done = end
        return "".join((*pieces, text[done:]))


def _says(text: str, said: Any) -> bool:
    """Return whether a text is the JSON of a value."""
    try:
        return bool(orjson.loads(text) == said)
    except ValueError:
        return False


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
