"""Dumps of bytes in hexadecimal digits, and what all text in pieces has in common: a run that a trigger has seen."""

import re
from typing import Final

from gateway.sensitivity.finding import GLANCE

Token = tuple[int, int, str | None]
"""Start, end and the readable text, None for what cannot be read."""
NEAR: Final = 96
"""A trigger ends at most so far behind the start of what it has seen."""
NO_ROW: Final = 24
"""Steps to see that no row of codes begins."""


def run(pattern: "re.Pattern[str]", text: str, end: int) -> "re.Match[str] | None":
    """Return the run that a trigger has seen the first part of."""
    for seen in pattern.finditer(text, max(0, end - NEAR), end):
        match = pattern.match(text, seen.start())
        if match is not None and match.end() >= end:
            return match
    return None


_DUMP: Final = re.compile(
    r"(?:(?:^|(?<=[^0-9A-Za-z]))[0-9a-fA-F]{4,8}:?[ \t]+(?:(?:[0-9a-fA-F]{2}){1,2} {1,2}){1,16}[^\n]{0,24}\n?){1,64}"
)
"""So many lines of a dump at once."""
_DUMPED: Final = re.compile(r"^[0-9a-fA-F]{4,8}:?[ \t]+((?:(?:[0-9a-fA-F]{2}){1,2} {1,2}){1,16})", re.MULTILINE)


class Dumps:
    """Dumps of bytes in hexadecimal digits in one text. No line is read for each line before it."""

    def __init__(self, text: str) -> None:
        """Begin at the start of a text."""
        self._text = text
        self._no_text = 0
        """Up to here no dump begins that is all text."""

    def at(self, end: int) -> Token | int | None:
        """Return what a dump says that a trigger has seen the beginning of."""
        match = first = run(_DUMP, self._text, end) if end > self._no_text else None
        if first is None:
            return GLANCE if end <= self._no_text else NO_ROW
        read, stop, lines = "", first.end(), _DUMPED.findall(first[0])
        while match is not None:
            read += "".join(map(_undumped, lines))
            if not read.isascii():
                seen = [
                    line.end()
                    for line in _DUMPED.finditer(self._text, *match.span())
                    if not _undumped(line[1]).isascii()
                ]
                self._no_text = max(self._no_text, end, *seen)
                return None
            stop = match.end()
            match = _DUMP.match(self._text, stop)
            lines = [] if match is None else _DUMPED.findall(self._text, *match.span())
        return first.start(), stop, read


def _undumped(line: str) -> str:
    return bytes.fromhex(line).decode("latin-1")


def dumped(text: str, end: int) -> Token | int | None:
    """Return what a dump says."""
    return Dumps(text).at(end)
