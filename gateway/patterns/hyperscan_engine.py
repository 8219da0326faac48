"""The engine of choice: one pass of SIMD automata over the text, whatever the number of patterns."""

from collections import deque
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

import hyperscan

from gateway.patterns.kept import Kept, kept
from gateway.patterns.pattern import Flood, Pattern

WORTH_KEEPING: Final = 20
"""Patterns; fewer are compiled in less time than it takes to look for them."""
_MEMORY: Final = 16
"""Scratch spaces that are kept for threads to come."""


class HyperscanMatcher:
    """A compiled database and the scratch spaces of the threads that scan with it."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        """Load what an earlier process has compiled, else compile.

        Raises:
            ValueError: the engine does not take an expression.
        """
        self._database = _compile(patterns) if len(patterns) < WORTH_KEEPING else _kept(patterns, kept())
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


def key_of(patterns: Sequence[Pattern]) -> str:
    """Return under which name patterns are kept once they are compiled: another one for each engine and kind of CPU."""
    probe = _compile([Pattern("a")])
    # The first bytes of what the engine writes: its sign and version, a length, and the CPU that it was compiled for.
    digest = sha256(f"{probe.info()!r} {hyperscan.dumpb(probe)[:20].hex()}".encode())
    for pattern in patterns:
        digest.update(f"\n{_flags(pattern)} {len(pattern.encoded)} ".encode() + pattern.encoded)
    return digest.hexdigest()


def _kept(patterns: Sequence[Pattern], place: Kept) -> hyperscan.Database:
    key = key_of(patterns)
    found = _loaded(place.get(key))
    if found is None:
        with place.turn():
            found = _loaded(place.get(key))  # somebody may have compiled it meanwhile
            if found is None:
                found = _compile(patterns)
                place.put(key, hyperscan.dumpb(found))
    return found


def _loaded(compiled: bytes | None) -> hyperscan.Database | None:
    if compiled is None:
        return None
    try:
        return hyperscan.loadb(compiled, hyperscan.HS_MODE_BLOCK)
    except hyperscan.error:  # of another version, or for another CPU
        return None


def _compile(patterns: Sequence[Pattern]) -> hyperscan.Database:
    database = hyperscan.Database()
    try:
        database.compile(
            expressions=[pattern.encoded for pattern in patterns],
            ids=list(range(len(patterns))),
            elements=len(patterns),
            flags=[_flags(pattern) for pattern in patterns],
        )
    except hyperscan.error as error:
        raise ValueError(str(error)) from error
    return database
