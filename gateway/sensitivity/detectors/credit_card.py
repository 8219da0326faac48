"""Payment card numbers (PAN), and the CVV beside them: PCI DSS forbids to send them where they need not be."""
# ruff: noqa: E501 -- tables

import re
from functools import lru_cache
from typing import Final

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.card_places import counts_up, ends, is_inside, is_no_id, is_of_uuid, starts
from gateway.sensitivity.finding import ALNUM, DIGITS, Hit, before, is_tabular, trigger
from gateway.sensitivity.labelled import labelled
from gateway.sensitivity.near import Shape, near
from gateway.sensitivity.published_cards import PUBLISHED
from gateway.sensitivity.view import fold

SHORTEST: Final = 13
LONGEST: Final = 19
"""ISO/IEC 7812-1; twelve digits are no longer used."""
_ISSUERS: Final = re.compile(
    r"(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12,15}|3(?:0[0-5]|[689]\d)\d{11,16}|35(?:2[89]|[3-8]\d)\d{12,15}|62\d{14,17}"
    r"|(?:5[06-9]\d\d|6(?:304|7\d\d))\d{9,15})"
)
"""Visa, Mastercard (5 and 2 series), Amex, Discover, Diners, JCB, UnionPay, Maestro, as their published IIN ranges."""
_SIGN: Final = r"[ \t\-./\n\r]{0,2}"
"""What may be between two digits."""
_NO_DIGITS: Final = bytes(set(range(256)) - set(b"0123456789"))
_TRIGGER: Final = SHORTEST + (SHORTEST - 1) * 2
"""Characters that a trigger has at most: thirteen digits, two others between each."""
_RUN: Final = re.compile(r"\d+(?:[ \t\-./\n\r]{1,2}\d+)*", re.ASCII)
_ALONE: Final = r"(?:^|[^0-9,;|\t ]|[^0-9,;|\t ] |(?:^|\n)[|\t,;] ?|\n +)"
"""Before the first of several columns: no other column, else each number of a table is a trigger."""
_GROUP: Final = re.compile(r"\d+", re.ASCII)
_MOST_DIGITS: Final = 80
_LOCAL_WORDS: Final = (
    *("卡号", "卡號", "银行卡", "銀行卡", "信用卡", "储蓄卡", "借记卡", "カード", "クレジット", "카드", "บัตรเครดิต", "เลขบัตร", "หมายเลขบัตร"),
    *("بطاقة", "البطاقة", "כרטיס", "कार्ड", "карт", "κάρτα", "số thẻ", "thẻ tín dụng", "kartu", "kart", "cartão", "cartao", "tarjeta", "carte", "carta"),
    *("karte", "kaart", "kort", "kortti", "kártya", "karty"),
)  # fmt: skip
_WORDS: Final = re.compile(
    r"card|visa|master|amex|american express|discover|diners|maestro|jcb|unionpay|kredit"
    r"|\bpan\b|\bcc\b|\bccn\b|payment|pay |charge|cvv|debit|credit|"
    + "|".join(sorted({fold(word).lower() for word in _LOCAL_WORDS if len(word) != len("kort") or not word.isascii()})),
)
_SHAPES: Final = frozenset(
    {(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 4, 1), (6, 13), (8, 8), (4, 4, 5), (4, 12)}
)
_CVV: Final = re.compile(
    r"(?:cvv2?|cvc2?|cid|security code)\b[^\d\n]{0,20}(?P<hit>\d{3,4})(?!\d)", re.IGNORECASE | re.ASCII
)


class CreditCard:
    """13 to 19 digits, spaced or not, of a known issuer and with a right Luhn digit (ISO/IEC 7812-1).

    Only likely: numbers that payment providers publish for tests.
    """

    kind = "credit_card"
    data_class = DataClass.RESTRICTED
    likely_class = DataClass.INTERNAL
    categories = frozenset({Category.PCI})
    min_distinct = 1

    def __init__(self) -> None:
        """Make the triggers: a first digit that no digit goes before, and twelve more."""
        self.triggers = (
            trigger(
                rf"(?:^|[^0-9])(?:[45]{_SIGN}[0-9]|2{_SIGN}[2-7]|3{_SIGN}[04-9]|6{_SIGN}[02-57])(?:{_SIGN}[0-9]){{11}}",
                _extract,
            ),
            trigger(r"(?:^|[^0-9.])0{1,8}[2-6][0-9]{12}", _extract),
            trigger(_ALONE + r"[2-6][0-9]{3}(?:[^0-9A-Za-z\n]{1,4}[0-9]{4}){3}", _columns),
            trigger(_ALONE + r"[2-6][0-9]{7}[^0-9A-Za-z]{1,8}[0-9]{8}", _columns),
            trigger(_ALONE + r"3[47][0-9]{2}[^0-9A-Za-z\n]{1,4}[0-9]{6}[^0-9A-Za-z\n]{1,4}[0-9]{5}", _columns),
            trigger(r"(?:pan|card)[a-z_-]{0,16}[\"'] ?: ?[\"'][0-9]", _keys, caseless=True),
            trigger(r"(?:^|[^0-9])[2-6]\.[0-9]{10,18}[eE]\+?1[2-8]", _exponent),
            labelled(
                (r"(?:credit|debit|payment|bank) ?card", r"\bcard\b", r"\bcc\b", r"\bccn\b"),
                digits=12,
                value=r"(?P<hit>\d{4}[ -]?(?:\d[ -]?){7,14}\d)(?!\d)",
                check=_is_somebodys,
            ),
            *near(_LOCAL_WORDS, (Shape(r"\d{4}[ -]?(?:\d[ -]?){8,14}\d", _is_written_card),)),
            trigger(r"(?:cvv|cvc|security code)", _cvv, caseless=True),
        )


def _extract(text: str, end: int) -> Hit | int | None:
    """Return the card number that starts at the first digit of the trigger; it may end at any group."""
    start = _start(text, end)
    if not _may_be_card(text[start : start + _WIDEST].encode("ascii", "replace").translate(None, _NO_DIGITS)):
        return _NO_SUM
    run = _RUN.match(text, start, min(len(text), start + _MOST_DIGITS))
    if run is None or (start >= 2 and text[start - 1] == "." and text[start - 2] in DIGITS):  # noqa: PLR2004
        return _NO_CARD
    number = ""
    for count, part in enumerate(_GROUP.findall(run[0])[:LONGEST], start=1):
        number += part
        if len(number) > LONGEST:
            break
        if len(number) < SHORTEST or not _is_card(number):
            continue
        groups = [group.span() for group in _GROUP.finditer(text, *run.span())]
        if _plausible(text, groups, count, run.end()):
            return Hit(start, groups[count - 1][1], number not in PUBLISHED)
    return _NO_CARD


def _may_be_card(digits: bytes) -> bool:
    """Return whether a card may be what so many of the first digits are."""
    return any(size <= len(digits) and _sums_up(digits[:size]) for size in _lengths(digits[:_PREFIX]))


_WIDEST: Final = LONGEST * 3
"""Characters of a card, two of them between two digits."""
_PREFIX: Final = 4
"""So many digits say which issuer it is."""
_NO_SUM: Final = 3
_NO_CARD: Final = 8
"""Steps to see that no check digit is right, or that no group ends where one is."""


@lru_cache(maxsize=10_000)
def _lengths(prefix: bytes) -> tuple[int, ...]:
    """Return how long cards are that begin so."""
    sizes = range(SHORTEST, LONGEST + 1)
    return tuple([size for size in sizes if _ISSUERS.fullmatch(prefix.decode().ljust(size, "0")) is not None])


_FOUR: Final = re.compile(
    r"(?:\d{4}([^0-9A-Za-z]{1,8})\d{4}\1\d{4}\1\d{4}|\d{4}([^0-9A-Za-z]{1,8})\d{6}\2\d{5}|\d{8}([^0-9A-Za-z]{1,8})\d{8})(?!\d|\.\d)",
    re.ASCII,
)
_SAME_ROW: Final = re.compile(r"\d{4}(?:[^0-9A-Za-z]{1,8}\d{4}){3}", re.ASCII)


def _columns(text: str, end: int) -> Hit | int | None:
    """Return a number with one group a column, with any one sign between the groups; other rows of such are a table."""
    seen = _digits(text[max(0, end - 33) : end])
    if not (_is_card(seen[-16:]) or _is_card(seen[-15:])):
        return _NO_SUM
    for start in range(max(0, end - 33), end - 15):
        if text[start] not in DIGITS or text[max(0, start - 1) : start] in ALNUM:
            continue
        match = _FOUR.match(text, start)
        if match is None or match.end() != end or "\0" in match[0]:
            continue
        number = _digits(match[0])
        if not _is_card(number):
            return None
        sign = match[1] or match[2] or match[3]
        if _is_number_beside(text, start, end, sign) or (sign.isspace() and is_tabular(text, start, end)):
            return None
        above = text[max(0, start - 60) : start].rpartition("\n")[0]
        rows = _SAME_ROW.search(above[-40:]) or _SAME_ROW.search(text, end + 1, end + 40)
        said = _WORDS.search(before(text, start, 60)) is not None
        return None if (rows or match[3]) and not said else Hit(start, end, number not in PUBLISHED)
    return None


_KEYS: Final = re.compile(r"\d{1,18}(?:[\"'],\s{0,8}[\"'][\w-]{1,24}[\"']\s?:\s?[\"']\d{1,18}){1,3}(?=[\"'])", re.ASCII)


def _keys(text: str, end: int) -> Hit | None:
    """Return a number that is cut over the values of two to four keys: ``"pan_first": "4539", "pan_rest": "1488…"``."""
    match = _KEYS.match(text, end - 1)
    if match is None:
        return None
    values = "".join(re.findall(r"(?:^|:\s?[\"'])(\d{1,18})", match[0]))
    return Hit(*match.span(), values not in PUBLISHED) if _is_card(values) else None


_TOKEN: Final = re.compile(r"[0-9A-Za-z]*\d[0-9A-Za-z]*", re.ASCII)


def _is_number_beside(text: str, start: int, end: int, sign: str) -> bool:
    """Return whether one more number is beside it, behind the same sign: then this is a list."""
    follows = text[max(0, start - len(sign)) : start] == sign
    ahead = text[max(0, start - len(sign) - 8) : start - len(sign)] if follows else ""
    if ahead and ahead[-1] in ALNUM and _TOKEN.search(ahead.split()[-1]):
        return True
    return text[end : end + len(sign)] == sign and _TOKEN.match(text, end + len(sign)) is not None


_EXPONENT: Final = re.compile(r"(\d)\.(\d{10,18})[eE]\+?(1[2-8])(?![\w.])", re.ASCII)


def _exponent(text: str, end: int) -> Hit | None:
    """Return a number as a spreadsheet or a program writes large ones: ``4.539148803436467e15``."""
    start = text.rfind(".", max(0, end - 24), end) - 1
    match = _EXPONENT.match(text, max(start, 0))
    if match is None or text[max(0, start - 1) : start] in ALNUM:
        return None
    number = match[1] + match[2].ljust(int(match[3]), "0")
    if len(number) != int(match[3]) + 1 or not _is_card(number):
        return None
    return Hit(*match.span(), number not in PUBLISHED)


def _digits(text: str) -> str:
    return text.encode("ascii", "replace").translate(None, _NO_DIGITS).decode()


def _start(text: str, end: int) -> int:
    """Go back over thirteen digits and what is between them."""
    if text[end - SHORTEST : end].isdecimal():
        return end - SHORTEST
    seen = _BACKWARDS.match(text[max(0, end - _TRIGGER) : end][::-1])
    return end - (0 if seen is None else seen.end())


_BACKWARDS: Final = re.compile(rf"(?:[0-9]{_SIGN}){{{SHORTEST - 1}}}[0-9]")


def _plausible(text: str, groups: list[tuple[int, int]], count: int, stop: int) -> bool:
    """Return whether the groups look like those of a card, or words say that it is one; tables of numbers do not."""
    start, end = groups[0][0], groups[count - 1][1]
    if not ends(text, end, alone=count == 1) or is_of_uuid(text, end) or counts_up(text, groups[:count]):
        return False
    if count == 1 and not starts(text, start):
        return False
    said = _WORDS.search(before(text, start, 60)) is not None
    if count == 1:
        return said or (is_no_id(text, start, end) and not is_inside(text, start, end))
    sizes = tuple(after - begin for begin, after in groups[:count])
    between = {text[groups[at][1] : groups[at + 1][0]] for at in range(count - 1)}
    if set(sizes) == {1}:
        return len(between) == 1 and (said or stop == end)
    if sizes not in _SHAPES or len(between) > 1:
        return said and min(sizes[:-1]) > 1 and "\n" not in "".join(between)
    if said or not is_tabular(text, start, end):
        return True
    following = "".join(text[begin:after] for begin, after in groups[count:])
    preceding = re.sub(r"\D", "", text[max(0, start - 24) : start])
    return _is_card(following + preceding) and not (following and preceding)


def _is_written_card(number: str) -> bool:
    return _is_card(_digits(number)) and _digits(number) not in PUBLISHED


def _is_somebodys(number: str) -> bool:
    """Return whether a number after a label is right and not one that is published: those are seen without one."""
    return luhn(number) and number not in PUBLISHED


def _is_card(number: str) -> bool:
    digits = number.encode()
    return len(digits) in _lengths(digits[:_PREFIX]) and _sums_up(digits)


def _cvv(text: str, end: int) -> Hit | None:
    """Return a card's security code that comes after its name, if the text mentions a card."""
    match = _CVV.search(text, max(0, end - 13), end + 28)
    if match is None:
        return None
    around = text[max(0, end - 120) : end + 80].lower()
    return Hit(*match.span("hit")) if re.search(r"card|visa|master|amex|exp|\d{4}[ -]?\d{4}", around) else None


def luhn(number: str) -> bool:
    """Return whether the last digit is the right check digit."""
    return _sums_up(number.encode())


def _sums_up(digits: bytes) -> bool:
    return (sum(digits[-1::-2]) + sum(digits[-2::-2].translate(_DOUBLED)) - 48 * ((len(digits) + 1) // 2)) % 10 == 0


_DOUBLED: Final = bytes.maketrans(b"0123456789", bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))
"""A digit → the sum of the digits of its double, as a number."""
