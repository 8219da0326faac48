"""The portable engine: RE2 says which patterns match at all, and then where each of those does."""

from collections.abc import Iterator, Sequence

import re2

from gateway.patterns.pattern import Flood, Pattern


class Re2Matcher:
    """A compiled set, and its members one by one."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        """Compile.

        Raises:
            ValueError: the engine does not take an expression.
        """
        options = _options(utf8=any(pattern.utf8 for pattern in patterns))
        options.max_mem = 512 << 20
        self._set = re2.Set.SearchSet(options)
        self._members = []
        for pattern in patterns:
            expression = f"(?i:{pattern.expression})" if pattern.caseless else pattern.expression
            self._members.append((compiled(expression, utf8=pattern.utf8), pattern.once))
            self._set.Add(expression.encode("utf-8" if pattern.utf8 else "latin-1"))
        self._set.Compile()

    def find(self, data: bytes, most: int) -> list[tuple[int, int]]:
        """Return (number of the pattern, end) of each match.

        Raises:
            Flood: there are more than ``most``.
        """
        found: list[tuple[int, int]] = []
        for number in (self._set.Match(data) or ()) if data else ():
            for end in self._ends(number, data):
                found.append((number, end))
                if len(found) > most:
                    raise Flood
        found.sort(key=lambda each: each[1])
        return found

    def _ends(self, number: int, data: bytes) -> Iterator[int]:
        member, once = self._members[number]
        match = member.search(data)
        while match is not None:
            yield match.end()
            if once:
                return
            match = member.search(data, match.start() + 1)  # matches may overlap


def compiled(expression: str, *, utf8: bool) -> "re2._Regexp[bytes]":
    """Return an expression as RE2 runs it over bytes, in linear time.

    Raises:
        ValueError: RE2 does not know what is written there.
    """
    try:
        return re2.compile(expression.encode("utf-8" if utf8 else "latin-1"), _options(utf8=utf8))
    except re2.error as error:
        message = error.args[0] if error.args else "unreadable"
        raise ValueError(message.decode() if isinstance(message, bytes) else str(message)) from error


def _options(*, utf8: bool) -> "re2.Options":
    options = re2.Options()
    if not utf8:
        options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    return options
