"""The engine of choice: one pass of SIMD automata over the text, whatever the number of patterns."""

from collections import deque
from collections.abc import Sequence
from typing import Final

import hyperscan

from gateway.patterns.pattern import Flood, Pattern

_MEMORY: Final = 16
"""Scratch spaces that are kept for threads to come."""


class HyperscanMatcher:
    """A compiled database and the scratch spaces of the threads that scan with it."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        """Compile.

        Raises:
            ValueError: the engine does not take an expression.
        """
        self._database = hyperscan.Database()
        try:
            self._database.compile(
                expressions=[pattern.encoded for pattern in patterns],
                ids=list(range(len(patterns))),
                elements=len(patterns),
                flags=[_flags(pattern) for pattern in patterns],
            )
        except hyperscan.error as error:
            raise ValueError(str(error)) from error
        self._blank = hyperscan.Scratch(self._database)  # only cloned from, never scanned with
        self._spare: deque[hyperscan.Scratch] = deque(maxlen=_MEMORY)

    def find(self, data: bytes, most: int) -> list[tuple[int, int]]:
        """Return (number of the pattern, end) of each match.

        Raises:
            Flood: there are more than ``most``.
        """
        found: list[tuple[int, int]] = []
        note = found.append

        def on_match(number: int, _start: int, end: int, _flags: int, _context: object) -> bool:
            note((number, end))
            return len(found) > most

        try:  # a scratch space is one thread's as long as it scans: the scan itself runs without the interpreter's lock
            scratch = self._spare.pop()
        except IndexError:
            scratch = self._blank.clone()
        try:
            self._database.scan(data, match_event_handler=on_match, scratch=scratch)
        except hyperscan.ScanTerminated:
            raise Flood from None
        finally:
            self._spare.append(scratch)
        return found


def _flags(pattern: Pattern) -> int:
    flags = hyperscan.HS_FLAG_CASELESS if pattern.caseless else 0
    flags |= hyperscan.HS_FLAG_UTF8 if pattern.utf8 else 0
    return flags | (hyperscan.HS_FLAG_SINGLEMATCH if pattern.once else 0)
