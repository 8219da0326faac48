"""Payment card numbers (PAN), and the CVV beside them: PCI DSS forbids to send them where they need not be."""

import re
from typing import Final

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.finding import Hit, before, is_tabular, trigger
from gateway.sensitivity.labelled import labelled

SHORTEST: Final = 13
LONGEST: Final = 19
"""ISO/IEC 7812-1; twelve digits are no longer used."""
_ISSUERS: Final = re.compile(
    r"(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12,15}|3(?:0[0-5]|[689]\d)\d{11,16}|35(?:2[89]|[3-8]\d)\d{12,15}|62\d{14,17}"
    r"|(?:5[06-9]\d\d|6(?:304|7\d\d))\d{9,15})"
)
"""Visa, Mastercard (5 and 2 series), Amex, Discover, Diners, JCB, UnionPay, Maestro, as their published IIN ranges."""
_NO_DIGITS: Final = bytes(set(range(256)) - set(b"0123456789"))
_TRIGGER: Final = SHORTEST + (SHORTEST - 1) * 2
"""Characters that a trigger has at most: thirteen digits, two others between each."""
_RUN: Final = re.compile(r"\d+(?:[ \t\-./\n\r]{1,2}\d+)*")
_GROUP: Final = re.compile(r"\d+")
_MOST_DIGITS: Final = 80
_WORDS: Final = re.compile(
    r"card|visa|master|amex|american express|discover|diners|maestro|jcb|unionpay|kredit|carte|tarjeta|carta|karta"
    r"|\bpan\b|\bcc\b|\bccn\b|payment|pay |charge|cvv|debit|credit"
)
_IDS: Final = re.compile(
    r"(?:\bid|_id|[a-z]id|uuid|trace|span|hash|sha\d*|timestamp|time|epoch|nonce|seed|offset|serial|isbn|ean|imei|version"
    r"|size|bytes|tweet|snowflake|status(?:es)?/|rowid|order|invoice|tracking)[\"'`]{0,2}\s{0,2}[:=#/]?\s{0,2}[\"'\[(]?$"
)
_SHAPES: Final = frozenset(
    {(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 4, 1), (6, 13), (8, 8), (4, 4, 5), (4, 12)}
)
_CVV: Final = re.compile(r"(?:cvv2?|cvc2?|cid|security code)\b[^\d\n]{0,20}(?P<hit>\d{3,4})(?!\d)", re.IGNORECASE)


class CreditCard:
    """13 to 19 digits, spaced or not, of a known issuer and with a right Luhn digit (ISO/IEC 7812-1)."""

    kind = "credit_card"
    data_class = DataClass.RESTRICTED
    likely_class = DataClass.RESTRICTED
    categories = frozenset({Category.PCI})
    min_distinct = 1

    def __init__(self) -> None:
        """Make the triggers: a first digit that no digit goes before, and twelve more."""
        self.triggers = (
            trigger(r"(?:^|[^0-9])[2-6](?:[ \t\-./\n\r]{0,2}[0-9]){12}", _extract),
            labelled(
                (r"(?:credit|debit|payment|bank) ?card", r"\bcard\b", r"\bcc\b", r"\bccn\b"),
                digits=12,
                value=r"(?P<hit>\d{4}[ -]?(?:\d[ -]?){7,14}\d)(?!\d)",
                check=luhn,
            ),
            trigger(r"(?:cvv|cvc|security code)", _cvv, caseless=True),
        )


def _extract(text: str, end: int) -> Hit | None:
    """Return the card number that starts at the first digit of the trigger; it may end at any group."""
    tail = _digits(text[max(0, end - _TRIGGER) : end])[-SHORTEST:]
    if not _ISSUERS.match(tail + _digits(text[end : end + _TRIGGER])):  # most of these are dates and counters
        return None
    start = _start(text, end)
    run = _RUN.match(text, start, min(len(text), start + _MOST_DIGITS))
    if run is None or (start >= 2 and text[start - 1] == "." and text[start - 2].isdigit()):  # noqa: PLR2004
        return None
    groups = [group.span() for group in _GROUP.finditer(text, *run.span())]
    number = ""
    for count, (_, stop) in enumerate(groups[:LONGEST], start=1):
        number += text[groups[count - 1][0] : stop]
        if len(number) > LONGEST:
            return None
        if len(number) < SHORTEST or not _ISSUERS.fullmatch(number) or not luhn(number):
            continue
        if _plausible(text, groups, count, run.end()):
            return Hit(start, stop)
    return None


def _digits(text: str) -> str:
    return text.encode("ascii", "replace").translate(None, _NO_DIGITS).decode()


def _start(text: str, end: int) -> int:
    """Go back over thirteen digits and what is between them."""
    digits = 0
    while True:
        end -= 1
        digits += text[end].isdigit()
        if digits == SHORTEST:
            return end


def _plausible(text: str, groups: list[tuple[int, int]], count: int, stop: int) -> bool:
    """Return whether the groups look like those of a card, or words say that it is one; tables of numbers do not."""
    start, end = groups[0][0], groups[count - 1][1]
    if text[end : end + 1].isalnum() or (text[end : end + 1] == "." and text[end + 1 : end + 2].isdigit()):
        return False
    if start and (text[start - 1].isalpha() or text[start - 1] in "_.") and count == 1:
        return False
    said = _WORDS.search(before(text, start, 60)) is not None
    if count == 1:
        return said or not _IDS.search(before(text, start, 24))
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


def _is_card(number: str) -> bool:
    return _ISSUERS.fullmatch(number) is not None and luhn(number)


def _cvv(text: str, end: int) -> Hit | None:
    """Return a card's security code that comes after its name, if the text mentions a card."""
    match = _CVV.search(text, max(0, end - 13), end + 28)
    if match is None:
        return None
    around = text[max(0, end - 120) : end + 80].lower()
    return Hit(*match.span("hit")) if re.search(r"card|visa|master|amex|exp|\d{4}[ -]?\d{4}", around) else None


def luhn(number: str) -> bool:
    """Return whether the last digit is the right check digit."""
    digits = number.encode()[::-1]
    return (sum(digits[::2]) + sum(map(_DOUBLED.__getitem__, digits[1::2])) - 48 * len(digits[::2])) % 10 == 0


_DOUBLED: Final = {48 + digit: sum(divmod(2 * digit, 10)) for digit in range(10)}
