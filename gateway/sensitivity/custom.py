"""Detectors of policy: one pass says which patterns match at all, RE2 where; then context and checksum."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from stdnum import luhn, verhoeff
from stdnum.iso7064 import mod_11_2, mod_97_10

from gateway.domain.label import Label
from gateway.domain.sensitivity import CustomSpec, Validator
from gateway.patterns.engine import compile_patterns
from gateway.patterns.pattern import Flood, Pattern
from gateway.patterns.written import Written, problem_of
from gateway.sensitivity.folded import folded_pattern
from gateway.sensitivity.view import fold
from gateway.sensitivity.words import Found

_VALID: Final[dict[Validator, Callable[[str], bool]]] = {
    "none": bool,
    "luhn": luhn.is_valid,
    "mod97": mod_97_10.is_valid,
    "mod11": mod_11_2.is_valid,
    "verhoeff": verhoeff.is_valid,
}
_SIGNS: Final = re.compile(r"[\W_]")
_MOST: Final = 1000
"""Matches of one pattern in one pass that are looked at."""


class Customs:
    """All of them."""

    def __init__(self, specs: Sequence[CustomSpec], engine: str | None = None) -> None:
        """Compile patterns that have been checked when the policy was loaded."""
        self._specs = specs
        patterns = [_usable(spec.pattern) for spec in specs]
        self._matcher = compile_patterns([Pattern(pattern, once=True, utf8=True) for pattern in patterns], engine)
        self._written = [Written(pattern) for pattern in patterns]
        self._context = [tuple(fold(word).casefold() for word in spec.context) for spec in specs]

    def find(self, text: str) -> Iterator[Found]:
        """Yield the matches in a folded text, by the detectors' own context and checksum."""
        data = text.encode("utf-8", "replace")
        try:
            matching = {number for number, _ in self._matcher.find(data, len(self._specs) + 1)}
        except Flood:  # pragma: no cover -- each is reported once
            matching = set(range(len(self._specs)))
        for number in sorted(matching):
            spec = self._specs[number]
            label = Label(spec.data_class, spec.categories)
            for count, (first, last) in enumerate(self._written[number].spans(data)):
                if count >= _MOST:
                    break
                start, end = (
                    (first, last) if data.isascii() else (len(data[:first].decode()), len(data[:last].decode()))
                )
                if _holds(spec, self._context[number], text, start, end):
                    yield f"custom:{spec.id}", label, spec.min_distinct, spec.ignore, start, end


def _usable(pattern: str) -> str:
    """Return a pattern as it matches folded text; as it is written where that cannot be said of it."""
    folded = folded_pattern(pattern)
    return pattern if folded == pattern or problem_of(folded) else folded


def _holds(spec: CustomSpec, context: Sequence[str], text: str, start: int, end: int) -> bool:
    if not _VALID[spec.validator](_SIGNS.sub("", text[start:end])):
        return False
    if not context:
        return True
    around = f"{text[max(0, start - spec.within) : start]} {text[end : end + spec.within]}".casefold()
    return any(word in around for word in context)
