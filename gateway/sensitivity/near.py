"""Values of a known shape near a word that says what they are, in the language and script of their country."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.patterns.pattern import Pattern
from gateway.sensitivity.column import below
from gateway.sensitivity.finding import DIGITS, GLANCE, LETTERS, LOOK, Extract, Hit, Outcome, Trigger
from gateway.sensitivity.view import fold

Check = Callable[[str], object]
"""What a value must pass, as it is written."""
_SHORT: Final = 5
"""A word of so many ASCII letters must stand alone; a longer one may be a part of one: ``Personalausweisnummer``."""
_GAP: Final = r"(?:[^\d\n\0]|\n(?!\s*\n)){0,40}?"
"""Between the word and the value, on the line or the next one; no other number."""
_TRIED: Final = 4
"""Steps to see that a shape does not follow."""
_DIGIT: Final = re.compile(r"[^\d\0]*\d", re.ASCII)
"""Every value holds one."""
_START: Final = r"(?<!\d)(?:(?<![A-Za-z])|(?=\d))"
"""A value does not start inside of a number or word; digits may be right behind a word: ``BSN261974476``."""
_BLAMED: Final = re.compile(r"(?<=[\n^])[0-9]{7,40} (?:[^\s(]{1,128} {1,40})?\([^\n]{1,120}?\d{4}-\d\d-\d\d \d\d:\d\d")
"""The short hash of a commit that has no letter, as `git blame` begins a line."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How values of one kind are written, and what must be true of them."""

    expression: str
    valid: Check = bool


def near(words: Sequence[str], shapes: Sequence[Shape]) -> tuple[Trigger, ...]:
    """Return triggers for values of these shapes after one of the words (patterns of one engine's syntax)."""
    tries = [
        (re.compile(rf"{_GAP}{_START}(?P<hit>{one.expression})(?![A-Za-z0-9])", re.ASCII), one.valid) for one in shapes
    ]

    whole = [(re.compile(one.expression, re.ASCII), one.valid) for one in shapes]

    def is_value(text: str, start: int, end: int) -> bool:
        return any(
            match is not None and valid(match[0])
            for match, valid in ((pattern.fullmatch(text, start, end), valid) for pattern, valid in whole)
        )

    def extract(text: str, end: int) -> Outcome:
        end -= text[end - 1 : end] in DIGITS  # of the value, right behind the word
        hits = below(text, end, is_value)
        if not isinstance(hits, int):
            return hits
        if _DIGIT.match(text, end, end + 96) is None:
            return hits + GLANCE
        steps = hits
        for pattern, valid in tries:
            match = pattern.match(text, end, end + 96)
            if match is not None and valid(match["hit"]) and not _BLAMED.match(text, match.start("hit")):
                return Hit(*match.span("hit"))
            steps += _TRIED if match is None else LOOK
        return steps

    return after(words, extract)


def after(words: Sequence[str], extract: Extract) -> tuple[Trigger, ...]:
    """Return triggers that let something look at what comes after one of the words."""
    latin: dict[str, None] = {}
    scripts: dict[str, None] = {}
    for word in words:
        for written in (word,) if word.isascii() else (word, word.lower(), word.upper(), word.capitalize()):
            folded = fold(written)
            (latin if folded.encode("latin-1", "replace").decode("latin-1") == folded else scripts)[folded] = None
    triggers = []
    if latin:
        triggers.append(Trigger(Pattern("|".join(map(_bounded, latin)), caseless=True), extract))
    if scripts:
        triggers.append(Trigger(Pattern("|".join(scripts), utf8=True), extract))
    return tuple(triggers)


def _bounded(word: str) -> str:
    short = len(word) <= _SHORT
    start = r"(?:\b|_)" if short and word[0] in LETTERS else ""
    return start + word.replace(" ", "[ _-]?") + (r"(?:\b|[_0-9])" if short and word[-1] in LETTERS else "")
