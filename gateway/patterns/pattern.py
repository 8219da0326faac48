"""The input and output of engines, without any engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression of the syntax that both engines know, over bytes."""

    expression: str
    caseless: bool = False
    once: bool = False
    """Only whether it matches is of interest, not how often."""
    utf8: bool = False
    """The expression and the data are UTF-8; else a byte is a character (Latin-1)."""

    @property
    def encoded(self) -> bytes:
        """The expression as bytes of the kind that the data are of."""
        return self.expression.encode("utf-8" if self.utf8 else "latin-1")


class Flood(Exception):
    """There are more matches than the limit."""


class Matcher(Protocol):
    """Compiled patterns; may be used by several threads at once."""

    def find(self, data: bytes, most: int) -> list[tuple[int, int]]:
        """Return (number of the pattern, end) of the matches in ``data``, by end.

        A pattern that matches at several places with one end is reported once; of the matches of a pattern of variable
        length at least one is reported. So use patterns of a fixed length, or ask only whether they match.

        Raises:
            Flood: there are more than ``most``.
        """


class Compile(Protocol):
    """An engine."""

    def __call__(self, patterns: Sequence[Pattern], /) -> Matcher:
        """Compile.

        Raises:
            ValueError: an expression is not one that the engine can run in linear time.
        """
