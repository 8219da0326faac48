"""Telephone numbers: international, in the usual national forms, and bare ones where a word says so."""
# ruff: noqa: E501 -- patterns are read more easily unbroken

import re
from typing import Final

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.finding import Hit, before, trigger

_WORDS: Final = (
    "phone|tel|telephone|mobile|cell|cellphone|fax|call|text|dial|whatsapp|sms|telefon|telefono|tlf|tfno|telf|movil|handy"
    "|rufnummer|portable|telefoon|numero|reach me at|reach me on|number is|contact|desk|office|hotline|registered|answering|messages|line"
)
_AFTER: Final = re.compile(
    r"(?:[ ._-]?(?:number|no|nr|num|numero|phone|me|us|him|her|them|it|at|on|is|to|home|work|line|service|support|a|your|my)){0,4}"
    r"[\"'\s:.=,(#]{0,5}(?P<hit>\+?\(?\d(?:[ ().\-/]{0,2}\d){6,14}(?:(?:\s?(?:x|ext\.?)\s?)\d{1,5})?)(?![\w-]|\.\d)",
    re.IGNORECASE,
)
_INTERNATIONAL: Final = re.compile(
    r"(?:\+|00)\(?[1-9](?:[ ().\-/]{0,2}\d){6,14}(?:\s?(?:x|ext\.?)\s?\d{1,5})?(?![\w]|\.\d)"
)
_AMERICAN: Final = re.compile(
    r"(?:1[ .-])?\(?[2-9]\d\d\)?[ .\-/]{1,2}\d{3}[ .-]\d{4}(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?![\w]|[-.]\w)", re.IGNORECASE
)
_PARENTHESES: Final = re.compile(r"\(\d{2,5}\)[ .-]?\d{3,4}[ .-]?\d{3,4}(?:\s?x\d{1,5})?(?![\w]|[-.]\d)")
_NATIONAL: Final = re.compile(r"0\d{1,4}(?:[ -]\d{2,4}){2,4}(?![\w]|[-./:]\d)")
_NO_PHONE: Final = re.compile(
    r"(?:\bid|version|part|order|invoice|sku|isbn|issn|serial|model|tracking|ref|reference|ticket|case|commit|col"
    r"|date|zip|range|build|rev|release|error|code|epoch|timestamp|=)[\"'#: ]{0,3}(?:number|no|nr)?[.\"'#: (]{0,3}$"
)
_BEFORE_LABEL: Final = re.compile(r"(?:^|[^\w.,+(-])(?P<hit>[+(]?\d(?:[ ().\-]{0,2}\d){6,14})[ -]{1,3}[A-Za-z]+$")
LEAST: Final = 7
MOST: Final = 15
"""E.164."""


class Phone:
    """Numbers of seven to fifteen digits that are written as telephone numbers are."""

    kind = "phone"
    data_class = DataClass.CONFIDENTIAL
    likely_class = DataClass.CONFIDENTIAL
    categories = frozenset({Category.PII})
    min_distinct = 1

    def __init__(self) -> None:
        """Make the triggers."""
        self.triggers = (
            trigger(r"\+\(?[1-9](?:[ ().\-/]{0,2}[0-9]){6}", _international),
            trigger(r"(?:^|[^0-9A-Za-z.])00[1-9](?:[ ().\-/]{1,2}[0-9]{2,4}){2}", _international),
            trigger(r"(?:^|[^0-9])\(?[2-9][0-9]{2}(?:\) ?|[ .-])[0-9]{3}[ .-][0-9]{4}", _american),
            trigger(r"\([0-9]{2,5}\)[ .-]?[0-9]{3}", _parentheses),
            trigger(r"(?:^|[^0-9A-Za-z.,:/-])0[0-9]{1,4}[ -][0-9]{2,4}[ -][0-9]{2}", _national),
            trigger(rf"\b(?:{_WORDS})", _labelled, caseless=True),
            trigger(r"[0-9][ -]{1,3}(?:office|fax|mobile|cell|home|work)\b", _told_after, caseless=True),
        )


def _hit(text: str, match: "re.Match[str] | None", group: str | int = 0) -> Hit | None:
    if match is None:
        return None
    start, end = match.span(group)
    digits = "".join(filter(str.isdigit, match[group]))
    if not LEAST <= len(digits) <= MOST + 5 or len(set(digits)) < 3:  # noqa: PLR2004 -- 000-0000 is nobody's
        return None
    head = before(text, start, 24)
    # What is written with a plus and its country is a phone number whatever comes before it.
    other = text[start] != "+" and _NO_PHONE.search(head) is not None
    return None if other or head[-1:].isalnum() else Hit(start, end)


def _international(text: str, end: int) -> Hit | None:
    start = max(text.rfind("+", max(0, end - 24), end), text.rfind("00", max(0, end - 16), end - 4))
    return _hit(text, _INTERNATIONAL.match(text, start)) if start >= 0 else None


def _american(text: str, end: int) -> Hit | None:
    start = next(place for place in range(end - 15, end) if place >= 0 and text[place] in "(23456789")
    match = _AMERICAN.match(text, start)
    if (
        match is None
        or text[max(0, start - 1) : start] in {"-", ".", "/", "_", "+"}
        or text[max(0, start - 2) : start] == "1-"
    ):
        start = max(0, start - 2)
        match = _AMERICAN.match(text, start) if text[start : start + 1] == "1" else None
    return _hit(text, match)


def _parentheses(text: str, end: int) -> Hit | None:
    start = text.rfind("(", max(0, end - 12), end)
    return _hit(text, _PARENTHESES.match(text, start))


def _national(text: str, end: int) -> Hit | None:
    head = text[max(0, end - 13) : end]
    start = end - len(head) + len(head.rstrip("0123456789 -"))
    start += len(text[start:end]) - len(text[start:end].lstrip(" -"))
    if text[start - 1 : start] == " " and text[start - 2 : start - 1].isdigit():
        return None  # a number of more groups
    if text[start + 3 : start + 4] == "-" and text[start + 6 : start + 7] == "-":
        return None  # written as a social security number is, whether issued or not
    return _hit(text, _NATIONAL.match(text, start))


def _told_after(text: str, end: int) -> Hit | None:
    """Return the number that comes before its label: ``0770 063 966-Fax``."""
    head = text[max(0, end - 40) : end]
    match = _BEFORE_LABEL.search(head)
    if match is None:
        return None
    place = end - len(head)
    hit = Hit(place + match.start("hit"), place + match.end("hit"))
    digits = sum(map(str.isdigit, text[hit.start : hit.end]))
    return hit if LEAST <= digits <= MOST else None


def _labelled(text: str, end: int) -> Hit | None:
    match = _AFTER.match(text, end, end + 64)
    return None if match is None else _hit(text, match, "hit")
