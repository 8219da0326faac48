"""Numbers that only a label makes sensitive: ``MRN: 7168569``, ``account no. 12435678``."""
# ruff: noqa: E501 -- patterns are read more easily unbroken

import re
from collections.abc import Callable, Sequence
from typing import Final

from gateway.sensitivity.column import below
from gateway.sensitivity.finding import DIGITS, GLANCE, LETTERS, LOOK, Extract, Hit, Outcome, Trigger, trigger

_FILLER: Final = (
    r"(?:['\"`)\]]?[^A-Za-z0-9\n]{0,4}(?:numbers?|no|num|nr|nro|numero|nummer|id|ids|card|code|is|are|was|of|the|for|as|my|his|her"
    r"|their|your|with|und|ist|es|el|de|del|la|on file|reads|ending|verification|purposes?|details?|like|including|such|linked|to|patient|holder|and|issued|listed|value|x|n|o)\b){0,5}"
    r"[^A-Za-z0-9\n]{0,6}"
)
VALUE: Final = r"(?P<hit>[A-Za-z]{0,12}[-_ /:]?(?:\d|(?-i:[A-Z])(?=\w{0,3}\d))[\dA-Za-z]*(?:[ \-./_]{1,2}[A-Za-z]{0,4}\d[\dA-Za-z]*){0,6})"
"""Letters and digits in groups, with a digit in each group."""
_DIGIT: Final = re.compile(r"\D*\d", re.ASCII)
_MOST_DIGITS: Final = 24
_DATE: Final = re.compile(
    r"(?:19|20)\d\d[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.](?:19|20)\d\d|\b\d\d/\d\d/\d\d\b", re.ASCII
)
_VERSION: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){2,5}", re.ASCII)
_ENCODED: Final = re.compile(r"[A-Za-z0-9]{25}")
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-", re.IGNORECASE)


def labelled(labels: Sequence[str], *, digits: int, value: str = VALUE, check: "Check | None" = None) -> Trigger:
    """Return a trigger for labels (patterns of one engine's syntax) before a value of at least that many digits."""
    return trigger(rf"\b(?:{'|'.join(labels)})", _extractor(value, digits, check), caseless=True)


Check = Callable[[str], object]
"""What the value must pass, separators aside."""


def _is_value(value: str, digits: int, check: Check | None) -> bool:
    if not digits <= sum(map(DIGITS.__contains__, value)) <= _MOST_DIGITS:
        return False
    if _DATE.search(value) or _VERSION.fullmatch(value) or _ENCODED.search(value):
        return False
    return check is None or bool(check(re.sub(r"[ \-./_]", "", value)))


def _is_of_uuid(text: str, start: int, stop: int) -> bool:
    """Return whether the first digits of a value are a UUID's, as in an address: ``account-avatar/94601d07-3205-…``."""
    found = _UUID.search(text, start, stop + 16)
    return found is not None and not any(map(str.isdigit, text[start : found.start()]))


def _extractor(value: str, digits: int, check: Check | None) -> Extract:
    pattern = re.compile(_FILLER + value, re.IGNORECASE | re.ASCII)
    whole = re.compile(value, re.IGNORECASE | re.ASCII)

    def is_value(text: str, start: int, end: int) -> bool:
        match = whole.fullmatch(text, start, end)
        return match is not None and _is_value(match["hit"], digits, check)

    def extract(text: str, end: int) -> Outcome:
        hits = below(text, end, is_value)
        if not isinstance(hits, int):
            return hits
        if text[end : end + 1] in LETTERS and text[end - 1 : end] in LETTERS:
            return hits + GLANCE
        if digits and _DIGIT.match(text, end, end + 120) is None:
            return hits + GLANCE
        match = pattern.match(text, end, end + 120)
        if match is None:
            return hits + LOOK
        start, stop = match.span("hit")
        if not _is_value(match["hit"], digits, check) or _is_of_uuid(text, start, stop):
            return hits + LOOK
        return None if text[stop : stop + 1] in {"(", "%", "€", "$"} or text[start - 1] in "$€£" else Hit(start, stop)

    return extract
