"""A text as a reader sees it, for patterns to look at: escapes undone, disguises folded, one byte a character.

Each step swaps pieces of the text for one character or none, so a place in the view can be brought back to the place in
the text that was sent. That is only done for findings: for most texts nobody needs any place.
"""

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from gateway.sensitivity.letters import FOLDS, INVISIBLE, NUMERALS, SPELLINGS

_INVISIBLE: Final = re.compile(f"[{INVISIBLE}]")
_SPOKEN: Final = {0xE0000 + code: code for code in range(0x20, 0x7F)} | {
    0xE0100 + code - 16: code for code in range(0x20, 0x7F)
}
"""Tag characters, and variation selectors that stand for bytes: what one of them stands for."""
_HIDDEN_TEXT: Final = re.compile("[\U000e0020-\U000e007e]{4,}|[\U000e0110-\U000e016e]{4,}")
"""Single ones are between the letters of a word to break it, and are removed."""
_SPOKEN_CHARACTERS: Final = frozenset(map(chr, _SPOKEN))
_NUMBERS: Final = str.maketrans(NUMERALS)
_NUMERALS: Final = re.compile(f"[{''.join(NUMERALS)}]{{9,}}")
_SPELLED: Final = frozenset(word[0] for word in SPELLINGS)
_BACKWARDS: Final = "\u202e"
_BACKWARD: Final = re.compile("\u202e([^\u202c\u2069\n]*)")
"""What is shown from right to left, whatever its letters are; it is read both ways."""
_FEW: Final = 96
"""Up to here it is faster to replace character by character than to translate the text."""
_TABLE: Final = str.maketrans(FOLDS)
_CODE: Final = (
    r"u([0-9a-fA-F]{4})|x([0-7][0-9a-fA-F])|u\{0{0,6}([0-9a-fA-F]{2,4})\}|U0000([0-9a-fA-F]{4})|([01][0-7]{2})"
)
_BACKSLASHES: Final = re.compile(rf"\\\\*(?:{_CODE}|([bfnrt\"'/]))?")
_CODES: Final = re.compile(rf"\\(?:{_CODE})")
_STARTS: Final = ("\\u", "\\x", "\\U", "\\0", "\\1")
_CONTROL: Final = {"b": " ", "f": " ", "n": "\n", "r": "\n", "t": "\t", '"': '"', "'": "'", "/": "/"}
_ENTITY: Final = re.compile(
    "&(?:#0{0,8}\\d{2,5};?|#[xX]0{0,8}[0-9a-fA-F]{2,4};?"
    "|(?:amp|lt|gt|quot|apos|nbsp|commat|period|hyphen|colon|num|sol|equals|lowbar|dash|shy|ZeroWidthSpace);)"
)
_PERCENT: Final = re.compile("%([2-7][0-9a-fA-F])")
_PERCENT_SIGN: Final = re.compile("%25")
_OCTETS: Final = {
    written: chr(code)
    for code in range(0x20, 0x80)
    for written in (f"{code:02x}", f"{code:02X}", f"{code:02x}"[0] + f"{code:02X}"[1])
}
_ROUNDS: Final = 3
"""How many times over entities and percent signs are undone: ``%252534`` is ``%2534`` is ``%34`` is ``4``."""

Swap = Callable[[re.Match[str]], str]
"""The one character that a match stands for, or none."""


class View:
    """One text, folded: ``text`` has one character for each byte of ``data``."""

    __slots__ = ("_places", "_steps", "data", "source", "text")

    def __init__(self, source: str) -> None:
        """Fold a text."""
        self.source = source
        self._steps: list[tuple[re.Pattern[str], Swap, str]] = []
        self._places: list[_Places] | None = None
        text = source
        if "\\" in text:
            text = self._step(_BACKSLASHES, _escape, text, _unescaped(text))
        for _ in range(_ROUNDS):
            before = text
            if "&" in text:
                text = self._step(_ENTITY, _entity, text, _ENTITY.sub(_entity, text))
            if "%25" in text:
                text = self._step(_PERCENT_SIGN, _one_percent, text, text.replace("%25", "%"))
            if "%" in text:
                text = self._step(_PERCENT, _percent, text, _unquoted(text))
            if text is before or text == before:
                break
        if not text.isascii():
            text = self._folded(text)
        self.text = text
        self.data = text.encode("latin-1", "replace")

    def _step(self, pattern: re.Pattern[str], swap: Swap, before: str, after: str) -> str:
        if len(after) != len(before):
            self._steps.append((pattern, swap, before))
        return after

    def _folded(self, text: str) -> str:
        present = _odd(text)
        if not present.isdisjoint(_SPOKEN_CHARACTERS):
            text = _HIDDEN_TEXT.sub(_spoken, text)
            present = _odd(text)
        if not present.isdisjoint(_SPELLED):
            for word, plain in SPELLINGS.items():
                if word[0] in present:
                    text = text.replace(word, plain)
        if not present.isdisjoint(NUMERALS):
            text = _NUMERALS.sub(_numbers, text)
        hidden = _INVISIBLE.findall("".join(present))
        if len(hidden) > _FEW:
            text = self._step(_INVISIBLE, _nothing, text, _INVISIBLE.sub("", text))
        elif hidden:
            before = text
            for character in hidden:
                text = text.replace(character, "")
            self._step(_INVISIBLE, _nothing, before, text)
        return _fold(text, present & FOLDS.keys())

    def backwards(self) -> list[tuple[int, int, str]]:
        """Return start, end and reading of what is shown from right to left: a reader sees it the other way round."""
        if _BACKWARDS not in self.source:
            return []
        found: list[tuple[int, int, str]] = []
        place = 0
        for match in _BACKWARD.finditer(self.source):
            shown = fold(_INVISIBLE.sub("", match[1]))
            start = self.text.find(shown, place) if shown else -1
            if start >= 0:
                place = start + len(shown)
                found.append((start, place, shown[::-1]))
        return found

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Return where a place of the view is in the source."""
        if self._steps and self._places is None:
            self._places = [_Places(*step) for step in reversed(self._steps)]
        for places in self._places or ():
            start, end = places.of(start)[0], places.of(end - 1)[1]
        return start, end


class _Places:
    """From places after a step to places before it."""

    def __init__(self, pattern: re.Pattern[str], swap: Swap, before: str) -> None:
        self._ends: list[int] = []
        self._shifts: list[int] = []
        self._whole: dict[int, tuple[int, int]] = {}
        shift = 0
        for match in pattern.finditer(before):
            start, end = match.span()
            kept = len(swap(match))
            if kept:
                self._whole[start - shift] = (start, end)
            self._ends.append(start - shift + kept)
            shift += end - start - kept
            self._shifts.append(shift)

    def of(self, place: int) -> tuple[int, int]:
        """Return start and end before the step of one character after it."""
        if place in self._whole:
            return self._whole[place]
        passed = bisect_right(self._ends, place)
        start = place + (self._shifts[passed - 1] if passed else 0)
        return start, start + 1


def fold(text: str) -> str:
    """Return a text of the same length with each letter in disguise as the letter it looks like."""
    return text if text.isascii() else _fold(text, _odd(text) & FOLDS.keys())


_ASCII: Final = bytes(range(0x80))


def _odd(text: str) -> set[str]:
    """Return the characters of a text that are beyond ASCII."""
    return set(text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass"))


def _fold(text: str, odd: Iterable[str]) -> str:
    odd = list(odd)
    if len(odd) > _FEW:
        return text.translate(_TABLE)
    for character in odd:
        text = text.replace(character, FOLDS[character])
    return text


def _unescaped(text: str) -> str:
    """Do what the pattern and swap of backslashes say, faster: JSON in JSON is little else."""
    count = text.count("\\")
    if count * _SELDOM < len(text):
        return _unescaped_one_by_one(text)
    while "\\\\" in text:
        text = text.replace("\\\\", "\\")
    for letter, plain in _CONTROL.items():
        text = text.replace("\\" + letter, plain)
    if not any(start in text for start in _STARTS):
        return text
    sparse = text.count("\\") * _SHORTEST > len(text)  # most of them are no codes then
    return _CODES.sub(_escape, text) if sparse or "\\u{" in text or "\\U" in text else _decoded(text)


_SELDOM: Final = 50
"""Characters a backslash, on average: up to here it is faster to go from one to the next."""


def _unescaped_one_by_one(text: str) -> str:
    """Do the same where there are few of them."""
    first, *rest = text.split("\\")
    pieces = [first]
    last = len(rest) - 1
    for place, piece in enumerate(rest):
        head = piece[:1]
        if head in _CONTROL:
            pieces += (_CONTROL[head], piece[1:])
        elif head in _FIRST:
            match = _CODES.match("\\" + piece[:_LONGEST])
            pieces += ("\\", piece) if match is None else (_escaped(match[0]), piece[match.end() - 1 :])
        elif piece or place == last:  # several in a row are one
            pieces += ("\\", piece)
    return "".join(pieces)


_FIRST: Final = frozenset("uxU01")
"""What codes begin with."""
_LONGEST: Final = 14
"""Characters of the longest code, without its backslash."""


_SHORTEST: Final = 4
"""Characters of the shortest code, its backslash included."""


class _Heads(dict[str, tuple[str, int]]):
    """What follows a backslash → the character that both stand for, and how much of it is the code."""

    def __missing__(self, head: str) -> tuple[str, int]:
        match = _CODES.match("\\" + head)
        self[head] = found = (_escaped(match[0]), match.end() - 1) if match else ("\\", 0)
        return found


_LONG: Final = _Heads()
"""Of ``u`` and four digits."""
_SHORT: Final = _Heads()
"""Of ``x`` and two digits, or three digits."""


def _decoded(text: str) -> str:
    """Do what the pattern of codes and its swap say, faster."""
    first, *rest = text.split("\\")
    return first + "".join(
        [
            (known := _LONG[piece[:5]] if piece[:1] == "u" else _SHORT[piece[:3]])[0] + piece[known[1] :]
            for piece in rest
        ]
    )


def _escape(match: re.Match[str]) -> str:
    return _escaped(match[0]) if match.re is _CODES else _escaped_or_sign(match[0])


def _escaped_or_sign(written: str) -> str:
    return _escaped(written[len(written) - len(written.lstrip("\\")) - 1 :]) if written.strip("\\") else "\\"


@lru_cache(maxsize=65536)
def _escaped(written: str) -> str:
    """Return the character that a backslash and what follows it stand for; themselves if it is none."""
    match = _BACKSLASHES.fullmatch(written)
    if match is None or written == "\\":
        return written
    code = match[1] or match[2] or match[3] or match[4]
    if code:
        return chr(int(code, 16))
    return chr(int(match[5], 8)) if match[5] else _CONTROL[match[6]]


def _entity(match: re.Match[str]) -> str:
    return _character(match[0])


@lru_cache(maxsize=1024)
def _character(entity: str) -> str:
    return html.unescape(entity)[:1]


def _percent(match: re.Match[str]) -> str:
    return _OCTETS[match[1]]


def _one_percent(_match: re.Match[str]) -> str:
    return "%"


def _unquoted(text: str) -> str:
    """Do what the pattern and swap of percent signs say, faster."""
    first, *rest = text.split("%")
    return first + "".join([_OCTETS[piece[:2]] + piece[2:] if piece[:2] in _OCTETS else "%" + piece for piece in rest])


def _spoken(match: re.Match[str]) -> str:
    """Return the ASCII that a run of hidden characters says, one for one."""
    return match[0].translate(_SPOKEN)


def _numbers(match: re.Match[str]) -> str:
    return match[0].translate(_NUMBERS)


def _nothing(_match: re.Match[str]) -> str:
    return ""
