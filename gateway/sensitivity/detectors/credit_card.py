"""Payment card numbers (PAN): PCI DSS forbids to send them where they need not be."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.finding import Hit

_RUN: Final = re.compile(r"(?<![\d.])\d+(?:[ -]\d+)*")
_GROUP: Final = re.compile(r"\d+")
_FIRST_DIGITS: Final = "23456"
_FRACTION: Final = re.compile(r"\.\d")
SHORTEST: Final = 13
LONGEST: Final = 19
"""ISO/IEC 7812-1; twelve digits went out of use."""
MOST_TRIES: Final = 20_000
_ISSUERS: Final = re.compile(
    r"(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12,15}|3(?:0[0-5]|[689]\d)\d{11,16}|35(?:2[89]|[3-8]\d)\d{12,15}|62\d{14,17})"
)
"""Visa, Mastercard (5 and 2 series), Amex, Discover, Diners, JCB, UnionPay, as their published IIN ranges."""


class CreditCard:
    """13 to 19 digits, spaced or not, of a known issuer and with a right Luhn digit (ISO/IEC 7812-1)."""

    kind = "credit_card"
    data_class = DataClass.RESTRICTED
    categories = frozenset({Category.PCI})
    min_digits = SHORTEST

    def scan(self, text: str) -> Iterator[Hit]:
        """Yield each card number; it may start and end at any group of a run, e.g. ``order 12 4111 1111 …``.

        Raises:
            OverflowError: so many runs look like card numbers that looking at all of them would be a load.
        """
        tried = 0
        for run in _RUN.finditer(text):
            if len(run[0]) < SHORTEST:
                continue
            groups = [group.span() for group in _GROUP.finditer(text, *run.span())]
            first = 0
            while first < len(groups):
                if text[groups[first][0]] not in _FIRST_DIGITS:
                    first += 1
                    continue
                used, tries = _used(text, groups, first)
                tried += tries
                if tried > MOST_TRIES:
                    raise OverflowError
                if used:
                    yield Hit(groups[first][0], groups[first + used - 1][1])
                first += used or 1


def _used(text: str, groups: Sequence[tuple[int, int]], first: int) -> tuple[int, int]:
    """Return how many groups from ``first`` on are a card number (0: they are none), and how many ways were tried."""
    number, tries = "", 0
    for count, (start, end) in enumerate(groups[first : first + LONGEST], start=1):
        number += text[start:end]
        if len(number) > LONGEST:
            break
        if len(number) < SHORTEST or not _ISSUERS.fullmatch(number):
            continue
        tries += 1
        if luhn(number) and not _FRACTION.match(text, end):
            return count, tries
    return 0, tries


def luhn(number: str) -> bool:
    """Tell whether the last digit is the right check digit."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
