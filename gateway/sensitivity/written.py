"""How a value is written at a place: in double quotes a quote gets a backslash, in XML an ``&`` becomes ``&amp;``.

A placeholder stands for a value as it reads. Where it comes back, the value is written as places of that kind wrote it
in the request; at a place of another kind, as a program would write it that moved it there.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from html import escape, unescape
from typing import Final

import orjson

_TAIL: Final = 200
"""Characters before a place that are looked at."""
_AFTER_NAME: Final = re.compile(r"(?:(?:^|\s)[\w.\-]+\s*[:=]\s*|>|^\s*)$")
"""What stands before a value that no quotes surround: ``NAME=``, ``name: ``, ``<name>``."""
_YAML: Final = re.compile(r"^[^{(\[\"']*?(?:^|[\s\-])[\w.\-]+:\s+'$")
_SHELL: Final = re.compile(r"\w='$")
_TAG: Final = re.compile(r"<[\w:.\-]+(?:\s[^<>]*)?>[^<]*$")
_ATTRIBUTE: Final = re.compile(r"<[\w:.\-]+(?:\s[^<>]*)?\s[\w:.\-]+=\"[^\"<>]*$")
_ENDS: Final = frozenset("\r\n \t,;")
_QUOTE: Final = re.compile(r'\\.|"', re.DOTALL)
_TOKEN: Final = re.compile(r'\\u[0-9a-fA-F]{4}|\\[^u]|"|[^\\"]+', re.DOTALL)
_TWO: Final = frozenset("\\<'")
"""After these it takes one more character to know what they are."""


class At(Enum):
    """A kind of place."""

    BARE = "bare"
    DOUBLE = "double quotes"
    CODE = "single quotes of code"
    YAML = "single quotes of YAML"
    SHELL = "single quotes of a shell"
    ESCAPED = "double quotes that are escaped themselves"
    TEXT = "text of XML"
    ATTRIBUTE = "attribute of XML"
    CLOSED = "before a double quote, and what stands before it is unknown"
    UNKNOWN = "unknown"
    """The text shows too little of the line."""


class Line:
    """What stands on a line so far, as a text goes on."""

    __slots__ = ("_begun", "_half", "_odd", "_tail")

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin a text: what stood before it on its line is unknown."""
        self._tail, self._half, self._odd, self._begun = "", "", False, False

    def see(self, piece: str) -> None:
        """Go on by a piece, cut anywhere."""
        if "\n" in piece:
            piece = piece[piece.rindex("\n") + 1 :]
            self._tail, self._half, self._odd, self._begun = "", "", False, True
        text = self._half + piece
        self._half = "\\" if (len(text) - len(text.rstrip("\\"))) % 2 else ""
        self._odd ^= sum(one[0] == '"' for one in _QUOTE.finditer(text)) % 2 == 1
        self._tail = (self._tail + piece)[-_TAIL:]

    def at(self, right: str) -> At:
        """Return the kind of the place that comes next; ``right``: the one or two characters after it, or none."""
        tail, after = self._tail, right[: 1 + (right[:1] in _TWO)]
        before = _mark(tail)
        if before == '\\"' and after == '\\"':
            return At.ESCAPED
        if before == "'" and after[:1] == "'":
            return self._single(after)
        if self._odd or (before == '"' and after == '"'):
            return At.ATTRIBUTE if _ATTRIBUTE.search(tail) else At.DOUBLE
        if after == '"':
            return At.CLOSED
        if after == "</":
            return At.TEXT if _TAG.search(tail) else At.UNKNOWN
        alone = _AFTER_NAME.search(tail) is not None and (not after or after[0] in _ENDS)
        return At.BARE if self._begun or (tail and alone) else At.UNKNOWN

    def _single(self, after: str) -> At:
        if _SHELL.search(self._tail):
            return At.SHELL
        return At.YAML if after != "'," and _YAML.search(self._tail) else At.CODE


def _mark(left: str) -> str:
    """Return the quote that a text ends with, with its backslash if it has one; empty if there is no text."""
    if left[-1:] != '"':
        return left[-1:]
    slashes = len(left) - 1 - len(left[:-1].rstrip("\\"))
    return '\\"' if slashes % 2 else '"'


class Inside:
    """A text that is JSON, followed as what its strings say."""

    __slots__ = ("_half", "_inside", "_line")

    def __init__(self) -> None:
        self._line, self._inside, self._half = Line(), False, ""

    def see(self, piece: str) -> None:
        """Go on by a piece, cut anywhere."""
        text, done = self._half + piece, 0
        for token in _TOKEN.finditer(text):
            done = token.end()
            if token[0] == '"':
                self._inside = not self._inside
                self._line.start()
            elif self._inside:
                self._line.see(unescaped(token[0]))
        self._half = text[done:]

    def at(self, right: str) -> At:
        """Return the kind of the place that comes next; ``right``: see :meth:`Line.at`."""
        return self._line.at(right)


def ahead(text: str, place: int) -> str | None:
    """Return the one or two characters at a place that say what it is; None if the text is too short to know."""
    most = 1 + (text[place : place + 1] in _TWO)
    return text[place : place + most] if len(text) >= place + most else None


def ahead_inside(text: str, place: int) -> str | None:
    """Return the same for a text that is JSON, as its string says it; less of it where the string ends."""
    said = ""
    while True:
        token = _TOKEN.match(text, place)
        if token is None:
            return None
        if token[0] == '"':
            return said
        said += unescaped(token[0])[:2]
        if len(said) > 1 or said not in _TWO:
            return said[:2]
        place = token.end()


def as_json(value: str) -> str:
    """Return a value as it is written inside of a JSON string."""
    return orjson.dumps(value).decode()[1:-1]


def unescaped(written: str) -> str:
    """Return what a text says inside of a JSON string; the text itself if it cannot be there."""
    if "\\" not in written:
        return written
    try:
        plain = orjson.loads(f'"{written}"')
    except ValueError:
        return written
    return plain if isinstance(plain, str) else written


def _same(value: str) -> str:
    return value


_READ: Final[Mapping[At, Callable[[str], str]]] = {
    At.DOUBLE: unescaped,
    At.ESCAPED: lambda form: unescaped(unescaped(form)),
    At.CODE: lambda form: re.sub(r"\\([\\'])", r"\1", form),
    At.YAML: lambda form: form.replace("''", "'"),
    At.TEXT: unescape,
    At.ATTRIBUTE: unescape,
}
_WRITE: Final[Mapping[At, Callable[[str], str]]] = {
    At.DOUBLE: as_json,
    At.ESCAPED: lambda value: as_json(as_json(value)),
    At.CODE: lambda value: value.replace("\\", "\\\\").replace("'", "\\'"),
    At.YAML: lambda value: value.replace("'", "''"),
    At.TEXT: lambda value: escape(value, quote=False),
    At.ATTRIBUTE: lambda value: escape(value, quote=False).replace('"', "&quot;"),
}


def read(form: str, place: At) -> str:
    """Return how a value reads that is written so at a place."""
    return _READ.get(place, _same)(form)


def written(value: str, seen: Mapping[At, str], place: At) -> str:
    """Return how a value is written at a place; ``seen``: how it was, by kind of place."""
    if place in seen:
        return seen[place]
    if place is At.CLOSED:
        return seen.get(At.DOUBLE) or seen.get(At.ATTRIBUTE) or written(value, seen, At.UNKNOWN)
    if place is At.UNKNOWN:
        forms = set(seen.values())
        return forms.pop() if len(forms) == 1 else value
    return _WRITE.get(place, _same)(value)


def forms(value: str) -> Iterator[str]:
    """Yield how a value may be written, as it is first."""
    yield value
    for write in _WRITE.values():
        yield write(value)
