"""Telephone numbers: international, in the usual national forms, and bare ones where a word says so."""
# ruff: noqa: E501 -- patterns are read more easily unbroken

import re
from itertools import pairwise
from typing import Final

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.column import below
from gateway.sensitivity.finding import ALNUM, DIGITS, GLANCE, LOOK, Hit, Outcome, before, trigger
from gateway.sensitivity.near import Shape, near

_WORDS: Final = (
    "phone|tel|telephone|mobile|cell|cellphone|fax|call|text|dial|whatsapp|sms|telefon|telefono|tlf|tfno|telf|movil|handy"
    "|rufnummer|portable|telefoon|numero|reach me at|reach me on|number is|contact|desk|office|hotline|registered|answering|messages|line"
)
_LOCAL_WORDS: Final = (
    *("手机", "手機", "电话", "電話", "联系方式", "聯絡", "联络", "行動電", "热线", "熱線", "传真", "座机", "拨打", "致电", "携帯", "連絡先", "ファックス"),
    *("전화", "휴대폰", "핸드폰", "연락처", "팩스", "โทร", "มือถือ", "เบอร์"),
    *("هاتف", "جوال", "موبايل", "اتصل", "تلفون", "טלפון", "נייד", "फोन", "फ़ोन", "मोबाइल", "दूरभाष", "संपर्क"),
    *("телефон", "тел", "моб", "звон", "факс", "τηλέφωνο", "τηλ", "κινητό"),
    *("telefon", "teléfono", "téléphone", "telefone", "telefoon", "telemóvel", "telepon", "telp", "tel", "tél", "puhelin", "điện thoại"),
    *("sđt", "số đt", "di động", "celular", "cellulare", "fone", "móvil", "movil", "mobil", "mobiel", "gsm", "cep tel"),
    *("komórk", "ponsel", "nomor hp", "no\\.? hp", "rückruf", "handynummer", "rufnummer", "mobile number", "phone number", "llama", "llame", "llámame", "chiama", "appel", "anrufen"),
)  # fmt: skip
_AFTER: Final = re.compile(
    r"(?:[ ._-]?(?:number|no|nr|num|numero|phone|me|us|him|her|them|it|at|on|is|to|home|work|line|service|support|a|your|my)){0,4}"
    r"[\"'\s:.=,(#]{0,5}(?P<hit>\+?\(?\d(?:[ ().\-/]{0,2}\d){6,14}(?:(?:\s?(?:x|ext\.?)\s?)\d{1,5})?)(?![\w-]|\.\d)",
    re.IGNORECASE | re.ASCII,
)
_INTERNATIONAL: Final = re.compile(
    r"(?:\+|00)\(?[1-9](?:[ ().\-/]{0,2}\d){6,14}(?:\s?(?:x|ext\.?)\s?\d{1,5})?(?![\w]|\.\d)", re.ASCII
)
_AMERICAN: Final = re.compile(
    r"(?:1[ .-])?(?:\([2-9]\d\d\)[ .\-/]{0,2}\d{3}[ .-]|[2-9]\d\d([ .-])\d{3}\1)\d{4}(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?![\w]|[-.]\w)",
    re.IGNORECASE | re.ASCII,
)
_PARENTHESES: Final = re.compile(r"\(\d{2,5}\)[ .-]?\d{3,4}[ .-]?\d{3,4}(?:\s?x\d{1,5})?(?![\w]|[-.]\d)", re.ASCII)
_NATIONAL: Final = re.compile(r"0\d{1,4}(?:[ -]\d{2,4}){2,4}(?![\w]|[-./:]\d| [0-9A-F]{2}\b)", re.ASCII)
_CODES: Final = re.compile(r"0\d{3}(?: \d{4}){2,4}")
_PAIRS: Final = re.compile(r"0\d(?:[ -]\d\d)+")
_FRENCH: Final = re.compile(r"0[1-9](?:([ -])\d\d)(?:\1\d\d){3}")
_ASIAN: Final = re.compile(r"0\d{1,3}-\d{3,4}-\d{4}(?![\w]|[-./:]\d)|0[1-9]\d{1,2}-\d{7,8}(?![\w]|[-./:]\d)", re.ASCII)
_DATE: Final = re.compile(
    r"(?:19|20)\d\d[-/. ]?[01]?\d[-/. ]?[0-3]?\d|[0-3]?\d[-/. ][0-3]?\d[-/. ](?:19|20)\d\d"
    r"|\d{1,3}(?:\.\d{1,3}){3}",
    re.ASCII,
)
"""Dates and addresses of hosts."""
_ISO: Final = re.compile(r"\d{4}-[01]\d-[0-3]\d|\+?(?:19|20)\d\d[01]\d[0-3]\d{7}", re.ASCII)
_SAID: Final = r"\+?\(?\d(?:[ ().\-/]{0,2}\d){6,14}(?:\s?(?:x|ext\.?)\s?\d{1,5})?(?![.\-/:_]\d)"
_NO_PHONE: Final = re.compile(
    r"(?:\bid|version|part|order|invoice|sku|isbn|issn|serial|model|tracking|ref|reference|ticket|case|commit|col"
    r"|date|zip|range|build|rev|release|error|code|epoch|timestamp|=)[\"'#: ]{0,3}(?:number|no|nr)?[.\"'#: (]{0,3}$"
)
_BEFORE_LABEL: Final = re.compile(
    r"(?:^|[^\w.,+(-])(?P<hit>[+(]?\d(?:[ ().\-]{0,2}\d){6,14})[ -]{1,3}[A-Za-z]+$", re.ASCII
)
_GOES_ON: Final = ALNUM | frozenset("./-_+")
LEAST: Final = 7
_FEWEST: Final = 3
"""Different digits: 000-0000 is nobody's."""
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
            trigger(r"[2-9][0-9]{2}(?:\) ?|[ .-])[0-9]{3}[ .-][0-9]{4}", _american),
            trigger(r"\([0-9]{2,5}\)[ .-]?[0-9]{3}", _parentheses),
            trigger(r"(?:^|[^0-9A-Za-z.,:/_-])0[0-9]{1,4}[ -][0-9]{2,4}[ -][0-9]{2}", _national),
            trigger(r"(?:^|[^0-9A-Za-z./-])0[0-9]{1,3}-[0-9]{3,4}-[0-9]{4}", _asian),
            trigger(r"(?:^|[^0-9A-Za-z./-])0[1-9][0-9]{1,2}-[0-9]{7}", _asian),
            trigger(rf"(?:\b|_)(?:{_WORDS})", _labelled, caseless=True),
            *near(_LOCAL_WORDS, (Shape(_SAID, is_phone),)),
            trigger(r"[0-9][ -]{1,3}(?:office|fax|mobile|cell|home|work)\b", _told_after, caseless=True),
        )


def is_phone(number: str) -> bool:
    """Return whether so many digits may be a telephone number, and no date is written so."""
    digits = "".join(filter(DIGITS.__contains__, number))
    return (
        LEAST <= len(digits) <= MOST + 5
        and len(set(digits)) >= _FEWEST
        and not _DATE.fullmatch(number)
        and not _ISO.search(number)
    )


def _hit(text: str, match: "re.Match[str] | None", group: str | int = 0, *, sure: bool = True) -> Hit | None:
    if match is None or not is_phone(match[group]):
        return None
    start, end = match.span(group)
    head = before(text, start, 24)
    # What is written with a plus and its country is a phone number whatever comes before it.
    other = text[start] != "+" and _NO_PHONE.search(head) is not None
    return None if other or head[-1:] in ALNUM else Hit(start, end, sure)


def _international(text: str, end: int) -> Hit | None:
    start = max(text.rfind("+", max(0, end - 24), end), text.rfind("00", max(0, end - 16), end - 4))
    return _hit(text, _INTERNATIONAL.match(text, start)) if start >= 0 else None


def _american(text: str, end: int) -> Hit | int | None:
    first = end - 12 - (text[end - 10] == ")")
    if first > 0 and text[first - 1] in DIGITS:
        return GLANCE
    start = next(place for place in range(end - 15, end) if place >= 0 and text[place] in "(23456789")
    match = _AMERICAN.match(text, start)
    if (
        match is None
        or text[max(0, start - 1) : start] in {"-", ".", "/", "_", "+"}
        or text[max(0, start - 2) : start] == "1-"
    ):
        start = max(0, start - 2)
        match = _AMERICAN.match(text, start) if text[start : start + 1] == "1" else None
    return _hit(text, match, sure=False)


def _parentheses(text: str, end: int) -> Hit | None:
    start = text.rfind("(", max(0, end - 12), end)
    return _hit(text, _PARENTHESES.match(text, start), sure=False)


def _national(text: str, end: int) -> Hit | None:
    head = text[max(0, end - 13) : end]
    start = end - len(head) + len(head.rstrip("0123456789 -"))
    start += len(text[start:end]) - len(text[start:end].lstrip(" -"))
    if text[start - 1 : start] == " " and text[start - 2 : start - 1] in DIGITS:
        return None  # a number of more groups
    if text[start + 3 : start + 4] == "-" and text[start + 6 : start + 7] == "-":
        return None  # written as a social security number is, whether issued or not
    match = _NATIONAL.match(text, start)
    if match is None or _CODES.fullmatch(match[0]) or (_PAIRS.fullmatch(match[0]) and not _is_french(match[0])):
        return None  # bytes, dates, scores, characters of Unicode
    return _hit(text, match, sure=False)


def _is_french(number: str) -> bool:
    """Return whether five pairs of digits may be a number of France; bytes that count up are not."""
    pairs = [int(pair) for pair in re.split(r"[ -]", number)]
    return _FRENCH.fullmatch(number) is not None and len({after - one for one, after in pairwise(pairs)}) > 1


def _asian(text: str, end: int) -> Hit | None:
    for start in range(max(0, end - 14), end - 8):
        if text[start] == "0" and text[max(0, start - 1) : start] not in _GOES_ON:
            return _hit(text, _ASIAN.match(text, start), sure=False)
    return None


def _told_after(text: str, end: int) -> Hit | None:
    """Return the number that comes before its label: ``0770 063 966-Fax``."""
    head = text[max(0, end - 40) : end]
    match = _BEFORE_LABEL.search(head)
    if match is None:
        return None
    place = end - len(head)
    hit = Hit(place + match.start("hit"), place + match.end("hit"))
    return hit if is_phone(text[hit.start : hit.end]) else None


def _labelled(text: str, end: int) -> Outcome:
    if _DIGIT.match(text, end, end + 120) is None:
        return GLANCE
    hits = below(text, end, _is_cell)
    if not isinstance(hits, int):
        return hits
    if _MAY_FOLLOW.match(text, end, end + 64) is None:
        return hits + GLANCE
    match = _AFTER.match(text, end, end + 64)
    return (None if match is None else _hit(text, match, "hit")) or hits + LOOK


def _is_cell(text: str, start: int, end: int) -> bool:
    return _WHOLE.fullmatch(text, start, end) is not None and is_phone(text[start:end])


_DIGIT: Final = re.compile(r"\D*\d", re.ASCII)
_MAY_FOLLOW: Final = re.compile(r"[A-Za-z\s._\-\"':=,(#+]*\d", re.ASCII)
"""All that may be between the word and the first digit; cheaper to look for."""
_WHOLE: Final = re.compile(_SAID, re.ASCII)
