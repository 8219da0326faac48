"""Numbers that only a label makes sensitive: ``MRN: 7168569``, ``account no. 12435678``."""
# ruff: noqa: E501 -- patterns are read more easily unbroken

import re
from collections.abc import Callable, Sequence
from typing import Final

from gateway.sensitivity.finding import Extract, Hit, Trigger, trigger

_FILLER: Final = (
    r"(?:['\"`)\]]?[^\w\n]{0,4}(?:numbers?|no|num|nr|nro|numero|nummer|id|ids|card|code|is|are|was|of|the|for|as|my|his|her"
    r"|their|your|with|und|ist|es|el|de|del|la|on file|reads|ending|verification|purposes?|details?|like|including|such|linked|to|patient|holder|and|issued|listed|value|x|n|o)\b){0,5}"
    r"[^\w\n]{0,6}"
)
VALUE: Final = r"(?P<hit>[A-Za-z]{0,12}[-_ /:]?(?:\d|(?-i:[A-Z])(?=\w{0,3}\d))[\dA-Za-z]*(?:[ \-./_]{1,2}[A-Za-z]{0,4}\d[\dA-Za-z]*){0,6})"
"""Letters and digits in groups, with a digit in each group."""
_MOST_DIGITS: Final = 24
_DATE: Final = re.compile(r"(?:19|20)\d\d[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.](?:19|20)\d\d")


def labelled(labels: Sequence[str], *, digits: int, value: str = VALUE, check: "Check | None" = None) -> Trigger:
    """Return a trigger for labels (patterns of one engine's syntax) before a value of at least that many digits."""
    pattern = re.compile(_FILLER + value, re.IGNORECASE)
    return trigger(rf"\b(?:{'|'.join(labels)})", _extractor(pattern, digits, check), caseless=True)


Check = Callable[[str], object]
"""What the value must pass, separators aside."""


def _extractor(pattern: re.Pattern[str], digits: int, check: Check | None) -> Extract:
    def extract(text: str, end: int) -> Hit | None:
        if text[end : end + 1].isalpha() and text[end - 1 : end].isalpha():
            return None
        match = pattern.match(text, end, end + 120)
        if match is None:
            return None
        value = match["hit"]
        if not digits <= sum(map(str.isdigit, value)) <= _MOST_DIGITS or _DATE.search(value):
            return None
        if check is not None and not check(re.sub(r"[ \-./_]", "", value)):
            return None
        start, stop = match.span("hit")
        return None if text[stop : stop + 1] in {"(", "%", "€", "$"} or text[start - 1] in "$€£" else Hit(start, stop)

    return extract
