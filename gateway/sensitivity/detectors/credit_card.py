"""Payment card numbers (PAN): PCI DSS forbids to send them where they need not be."""

import re
from collections.abc import Iterator
from typing import Final

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.finding import Hit

_DIGITS: Final = re.compile(r"(?<![\d.])(?:\d[ -]?){12,18}\d(?![\d]|\.\d)")
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
    min_digits = 13

    def scan(self, text: str) -> Iterator[Hit]:
        """Yield each card number; within a longer run of groups the number may start at any group."""
        for match in _DIGITS.finditer(text):
            number = re.sub(r"[ -]", "", match[0])
            if _ISSUERS.fullmatch(number) and luhn(number):
                yield Hit(*match.span())
            elif " " in match[0] or "-" in match[0]:
                yield from self._inside(match)

    def _inside(self, run: re.Match[str]) -> Iterator[Hit]:
        """Look for a number that starts and ends at group borders of a longer run, e.g. ``order 12 4111 1111 …``."""
        groups = list(re.finditer(r"\d+", run[0]))
        for first in range(len(groups)):
            for last in range(first, len(groups)):
                number = "".join(group[0] for group in groups[first : last + 1])
                if len(number) > 19:  # noqa: PLR2004 -- ISO/IEC 7812-1
                    break
                if _ISSUERS.fullmatch(number) and luhn(number):
                    yield Hit(run.start() + groups[first].start(), run.start() + groups[last].end())
                    return


def luhn(number: str) -> bool:
    """Tell whether the last digit is the right check digit."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
