"""Every place where a known value stands in a text, with a label or without: masked once, masked everywhere."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

RUN: Final = re.compile(r"[A-Za-z0-9]+|[^\x00-\x7f]+")
"""Letters and digits without a break. A value is looked up by its longest run, so many values cost what one does."""
LEAST_RUN: Final = 3
"""Shorter runs stand everywhere."""
FEWEST: Final = 4
"""Shorter values are only masked where they were found: they stand in too many words by chance."""
WHOLE: Final = 8
"""Values shorter than this count only as whole words."""
_FEW: Final = 64
"""Up to so many values are looked for anywhere; of more, only those that are no piece of a longer run."""


class Place(NamedTuple):
    """Where a known value stands."""

    start: int
    end: int
    value: str


def longest_run(value: str) -> tuple[int, str]:
    """Return where in a value its longest run of letters and digits is, and the run; one of ASCII if there is any.

    Letters of other scripts may stand without a space beside it, and then be a part of a longer run.
    """
    runs = sorted(RUN.finditer(value), key=lambda run: (not run[0].isascii() or len(run[0]) < LEAST_RUN, -len(run[0])))
    return (runs[0].start(), runs[0][0]) if runs else (0, "")


class Occurrences:
    """Finds known values in texts."""

    def __init__(self, values: Iterable[str]) -> None:
        """Take the values; those that are too short are left out."""
        self._values = sorted({value for value in values if len(value) >= FEWEST}, key=lambda one: (-len(one), one))
        self._anchored: dict[str, list[tuple[int, str]]] = {}
        if len(self._values) > _FEW:
            for value in self._values:
                offset, run = longest_run(value)
                self._anchored.setdefault(run, []).append((offset, value))

    def places(self, text: str) -> list[Place]:
        """Return where values stand in a text, in order and without overlap; the longer one where two begin."""
        found = self._by_run(text) if self._anchored else self._by_value(text)
        places: list[Place] = []
        for place in sorted(found, key=lambda one: (one.start, -one.end)):
            if not places or place.start >= places[-1].end:
                places.append(place)
        return places

    def _by_value(self, text: str) -> Iterator[Place]:
        for value in self._values:
            start = text.find(value)
            while start >= 0:
                if _stands_alone(text, start, value):
                    yield Place(start, start + len(value), value)
                start = text.find(value, start + 1)

    def _by_run(self, text: str) -> Iterator[Place]:
        for run in RUN.finditer(text):
            for offset, value in self._anchored.get(run[0], ()):
                start = run.start() - offset
                if start >= 0 and text.startswith(value, start) and _stands_alone(text, start, value):
                    yield Place(start, start + len(value), value)


def _stands_alone(text: str, start: int, value: str) -> bool:
    """Return whether a short value is no piece of a longer word or number."""
    if len(value) >= WHOLE:
        return True
    end = start + len(value)
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return not (_goes_on(before, value[0]) or _goes_on(value[-1], after))


def _goes_on(left: str, right: str) -> bool:
    return left.isascii() and right.isascii() and left.isalnum() and right.isalnum()
