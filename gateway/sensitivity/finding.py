"""What a detector reports: where and what, never the text itself, so that nothing downstream can leak it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from msgspec import Struct

from gateway.domain.label import Category, DataClass
from gateway.patterns.pattern import Pattern


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in one text where a detector found something."""

    start: int
    end: int
    sure: bool = True
    """By its format, a check digit or a label; else it is only likely: by a model, a bare shape, a published value."""


class Finding(Struct, frozen=True):
    """A hit with the place of its text in the request."""

    detector: str
    path: str
    """JSON path, e.g. ``messages[2].content``."""
    start: int
    end: int
    """Places in the string as it is in the request, not in what it was read as."""
    turn: int | None = None
    """Which message it is in; None outside of the messages."""
    sure: bool = True

    def as_json(self) -> dict[str, object]:
        """Return the evidence that errors and the ledger carry."""
        evidence: dict[str, object] = {"detector": self.detector, "path": self.path, "span": [self.start, self.end]}
        if not self.sure:
            evidence["certainty"] = "likely"
        return evidence


DIGITS: Final = frozenset("0123456789")
LETTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
ALNUM: Final = DIGITS | LETTERS
"""The alphabet of values. A letter of another script beside a value is no part of it: Chinese puts no spaces there."""

GLANCE: Final = 1
"""Steps of a look that ends at once; about half a microsecond. All work of a scan is counted in such steps."""
LOOK: Final = 16
"""Steps of a closer look: patterns, checksums, what is around."""

Outcome = Hit | Iterator[Hit] | int | None
"""What is at a place: a hit, or several for the header of a column; else nothing, and so many steps were needed to say
so. None: those of a closer look."""
Extract = Callable[[str, int], Outcome]
"""The text and where a trigger ends in it → what is there."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A pattern that costs next to nothing, and what looks closer where it matches.

    A pattern with ``utf8`` is looked for in the text as UTF-8, and only where a text has letters that Latin-1 lacks.
    """

    pattern: Pattern
    extract: Extract
    begin: "Callable[[], Extract] | None" = None
    """For what remembers what it has seen of a text: makes an ``extract`` for one text, called from left to right."""


class Detector(Protocol):
    """Finds one kind of sensitive matter: by triggers, then anchored patterns, validators and context."""

    @property
    def kind(self) -> str:
        """The name in YAML and evidence."""

    @property
    def data_class(self) -> DataClass:
        """The class that a finding raises to, unless policy says otherwise."""

    @property
    def likely_class(self) -> DataClass:
        """The same of one that is only likely."""

    @property
    def categories(self) -> frozenset[Category]:
        """The categories that a finding adds."""

    @property
    def min_distinct(self) -> int:
        """How many distinct findings it takes, unless policy says otherwise."""

    @property
    def triggers(self) -> tuple[Trigger, ...]:
        """Where to look. A trigger matches at each place that ``extract`` is to see, and gives its end."""


def trigger(expression: str, extract: Extract, *, caseless: bool = False) -> Trigger:
    """Return a trigger."""
    return Trigger(Pattern(expression, caseless), extract)


def remembering(expression: str, begin: Callable[[], Extract], *, caseless: bool = False) -> Trigger:
    """Return a trigger whose ``extract`` is made for each text anew."""

    def extract(text: str, end: int) -> Outcome:
        return begin()(text, end)

    return Trigger(Pattern(expression, caseless), extract, begin)


def anchored(pattern: re.Pattern[str], back: int) -> Extract:
    """Return what matches a pattern from ``back`` characters before the trigger's end: its group ``hit``, or all."""
    group: str | int = "hit" if "hit" in pattern.groupindex else 0

    def extract(text: str, end: int) -> Hit | None:
        match = pattern.match(text, max(end - back, 0))
        return Hit(*match.span(group)) if match else None

    return extract


def before(text: str, place: int, size: int = 48) -> str:
    """Return what is before a place on its line and the one above, in lower case: there labels are written."""
    return text[max(0, place - size) : place].lower()


_LEFT: Final = re.compile(r"(?:\d+[ \t\r\n,|]+)+$", re.ASCII)
_RIGHT: Final = re.compile(r"(?:[ \t\r\n,|]+\d+)+", re.ASCII)
_ROOM: Final = 40
_MOST_BESIDE: Final = 3


def is_tabular(text: str, start: int, end: int) -> bool:
    """Return whether a place is among other numbers, as in a table, where some are right by chance."""
    left = _LEFT.search(text, max(0, start - _ROOM), start)
    right = _RIGHT.match(text, end, end + _ROOM)
    beside = (left[0] if left else "") + (right[0] if right else "")
    return len(re.findall(r"\d+", beside)) > _MOST_BESIDE
