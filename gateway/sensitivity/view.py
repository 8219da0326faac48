"""A text as a reader sees it, for patterns to look at: escapes undone, disguises folded, one byte a character.

Each step swaps pieces of the text for one character or none, so a place in the view can be brought back to the place in
the text that was sent. That is only done for findings: for most texts nobody needs any place.
"""

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from itertools import accumulate, islice, repeat
from typing import Final

from gateway.sensitivity.escapes import BACKSLASHES, escape, unescaped
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
_PART: Final = 1 << 16
_TABLE: Final = str.maketrans(FOLDS)
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
            text = self._step(BACKSLASHES, escape, text, unescaped(text))
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
        if len(hidden) > _FEW or (len(hidden) > _SOME and _are_seldom(text, len(hidden))):
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
    """From places after a step to places before it; read as far as it is asked for."""

    def __init__(self, pattern: re.Pattern[str], swap: Swap, before: str) -> None:
        self._found = pattern.finditer(before)
        self._kept = _KEPT.get(swap)
        self._swap = swap
        self._spans: list[tuple[int, int]] = []
        self._ends: list[int] = []
        self._shifts: list[int] = []

    def of(self, place: int) -> tuple[int, int]:
        """Return start and end before the step of one character after it."""
        while (not self._ends or self._ends[-1] <= place) and self._read():
            pass
        passed = bisect_right(self._ends, place)
        if passed < len(self._ends) and self._ends[passed] == place + 1 and self._keeps(passed):
            return self._spans[passed]
        start = place + (self._shifts[passed - 1] if passed else 0)
        return start, start + 1

    def _keeps(self, number: int) -> bool:
        """Return whether a match stands for a character: each shift but its own is that of what is removed."""
        start, _ = self._spans[number]
        return self._ends[number] - (start - (self._shifts[number - 1] if number else 0)) > 0

    def _read(self) -> bool:
        matches = list(islice(self._found, _MATCHES))
        spans = [match.span() for match in matches]
        kept = [len(self._swap(match)) for match in matches] if self._kept is None else repeat(self._kept)
        widths = [end - start - each for (start, end), each in zip(spans, kept, strict=False)]
        shift = self._shifts[-1] if self._shifts else 0
        shifts = list(accumulate(widths, initial=shift))[1:]
        self._spans += spans
        self._shifts += shifts
        self._ends += [end - shift for (_, end), shift in zip(spans, shifts, strict=True)]
        return bool(matches)


def fold(text: str) -> str:
    """Return a text of the same length with each letter in disguise as the letter it looks like."""
    return text if text.isascii() else _fold(text, _odd(text) & FOLDS.keys())


_ASCII: Final = bytes(range(0x80))


def _odd(text: str) -> set[str]:
    """Return the characters of a text that are beyond ASCII; by parts, for other threads wait for each."""
    rest = text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")
    found: set[str] = set()
    for start in range(0, len(rest), _PART):
        found.update(rest[start : start + _PART])
    return found


_LATIN: Final = bytes(ord(FOLDS.get(chr(code), chr(code))) for code in range(256))


def _fold(text: str, odd: Iterable[str]) -> str:
    odd = list(odd)
    if len(odd) > _SOME and _are_seldom(text, len(odd)):
        return re.sub(f"[{re.escape(''.join(odd))}]", _folded, text)
    if len(odd) > _FEW:
        with suppress(UnicodeEncodeError):
            return text.encode("latin-1").translate(_LATIN).decode("latin-1")
        return "".join([text[start : start + _PART].translate(_TABLE) for start in range(0, len(text), _PART)])
    for character in odd:
        text = text.replace(character, FOLDS[character])
    return text


_SOME: Final = 12
_DEAR: Final = 400
"""A swap costs as much as so many characters that are only passed over."""


def _are_seldom(text: str, kinds: int) -> bool:
    """Return whether to go from one odd character to the next costs less than a pass over the text for each kind."""
    odd = len(text) - len(text.encode("ascii", "ignore"))
    return (odd + _SOME) * _DEAR < len(text) * min(kinds, _FEW)


def _folded(match: re.Match[str]) -> str:
    return FOLDS[match[0]]


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
    known = _OCTETS.get
    return first + "".join([octet + piece[2:] if (octet := known(piece[:2])) else "%" + piece for piece in rest])


def _spoken(match: re.Match[str]) -> str:
    """Return the ASCII that a run of hidden characters says, one for one."""
    return match[0].translate(_SPOKEN)


def _numbers(match: re.Match[str]) -> str:
    return match[0].translate(_NUMBERS)


def _nothing(_match: re.Match[str]) -> str:
    return ""


_KEPT: Final[dict[Swap, int]] = {escape: 1, _percent: 1, _one_percent: 1, _nothing: 0}
"""How many characters remain of each match, where that is always the same."""
_MATCHES: Final = 4096
"""So many are read at once."""
