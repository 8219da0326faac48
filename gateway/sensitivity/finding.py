"""What a detector reports: where and what, never the text itself, so that nothing downstream can leak it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.label import Category, DataClass


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in one text that a detector is sure of."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A hit with the place of its text in the request."""

    detector: str
    path: str
    """JSON path, e.g. ``messages[2].content``."""
    start: int
    end: int
    turn: int | None = None
    """Which message it stands in; None outside of the messages."""

    def as_json(self) -> dict[str, object]:
        """Return the evidence that errors and the ledger carry."""
        return {"detector": self.detector, "path": self.path, "span": [self.start, self.end]}


class Detector(Protocol):
    """Finds one kind of sensitive matter by pattern and validator."""

    @property
    def kind(self) -> str:
        """The name in YAML and evidence."""

    @property
    def data_class(self) -> DataClass:
        """The class that a finding raises to, unless policy says otherwise."""

    @property
    def categories(self) -> frozenset[Category]:
        """The categories that a finding adds."""

    @property
    def min_digits(self) -> int:
        """A text with fewer ASCII digits cannot hold a finding and is skipped."""

    def scan(self, text: str) -> Iterator[Hit]:
        """Yield each place where the matter stands."""


def matches(pattern: re.Pattern[str], text: str) -> Iterator[Hit]:
    """Yield a hit for each match: its group ``hit`` if the pattern has one, else all of it."""
    group: str | int = "hit" if "hit" in pattern.groupindex else 0
    for match in pattern.finditer(text):
        yield Hit(*match.span(group))
