"""Patterns that users write: checked when they are loaded, and run in linear time whatever they say."""

import re
from collections.abc import Iterator
from typing import Final

from gateway.patterns.engine import compile_patterns
from gateway.patterns.pattern import Pattern

_LONGEST: Final = 1000
_PROBES: Final = (b"", b" a-1 ")
_HINTS: Final = (
    ("(?=", "look-ahead is not linear: match what follows and leave it in the finding"),
    ("(?!", "look-ahead is not linear: say with `ignore` what does not count"),
    ("(?<=", "look-behind is not supported (matching must be linear): use `context` for words before the value"),
    ("(?<!", "look-behind is not linear: use \\b, or say with `ignore` what does not count"),
    ("\\1", "back-references are not linear: write the alternatives out"),
    ("(?P=", "back-references are not linear: write the alternatives out"),
)


_SCRIPTS: Final = re.compile(r"\\[pP]\{\^?(Cyrillic|Greek)\}")
"""Scripts whose letters the detectors read as the Latin letters that they look like."""


def problem_of(expression: str) -> tuple[str, str] | None:
    """Return (problem, fix) of a pattern that cannot be used; None if it can, with every engine."""
    from gateway.patterns.re2_engine import compiled  # noqa: PLC0415 -- an engine is loaded when a pattern is

    if len(expression) > _LONGEST:
        return f"is longer than {_LONGEST} characters", "use a word list for many words"
    script = _SCRIPTS.search(expression)
    if script is not None:
        return (
            f"can never match as meant: letters of {script[1]} are read as Latin ones",
            "write the letters themselves",
        )
    try:
        member = compiled(expression, utf8=True)
        if any(match is not None and match.end() == match.start() for match in map(member.search, _PROBES)):
            return "can match nothing at all", "ask for at least one character"
        compile_patterns([Pattern(expression, once=True, utf8=True)])
    except ValueError as error:
        fix = next((hint for sign, hint in _HINTS if sign in expression), "use the syntax of RE2, with smaller bounds")
        return f"is not a pattern that runs in linear time: {error}", fix
    return None


class Written:
    """One such pattern."""

    def __init__(self, expression: str) -> None:
        """Compile a pattern that :func:`problem_of` has nothing against."""
        from gateway.patterns.re2_engine import compiled  # noqa: PLC0415 -- an engine is loaded when a pattern is

        self._member = compiled(expression, utf8=True)

    def spans(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Yield start and end of each match that is not empty, left to right, without overlap."""
        for match in self._member.finditer(data):
            if match.end() > match.start():
                yield match.span()
