"""Check digits and birth dates of identity numbers; python-stdnum has most of them, the others are here."""

import re
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Final

from stdnum import luhn
from stdnum.iso7064 import mod_11_2

Check = Callable[[str], bool]
"""What a number must pass, as it is written."""
_SIGNS: Final = re.compile(r"[^A-Za-z0-9]")
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def bare(number: str) -> str:
    """Return a number without the signs between its characters, in capitals."""
    return _SIGNS.sub("", number).upper()


def library(name: str) -> Check:
    """Return the check of a module of python-stdnum; what it cannot read is not valid."""
    is_valid: Callable[[str], bool] = import_module(f"stdnum.{name}").is_valid

    def valid(number: str) -> bool:
        try:
            return is_valid(number)
        except (LookupError, ValueError, TypeError):
            return False

    return valid


def is_date(month: str, day: str) -> bool:
    """Return whether month and day, two digits each, are of some year."""
    return 1 <= int(month) <= len(_DAYS) and 1 <= int(day) <= _DAYS[int(month) - 1]


def dated(month_at: int) -> Check:
    """Return the check that month and day are at a place of the number."""

    def valid(number: str) -> bool:
        digits = bare(number)
        return is_date(digits[month_at : month_at + 2], digits[month_at + 2 : month_at + 4])

    return valid


def both(*checks: Check) -> Check:
    """Return the check that all of them pass."""
    return lambda number: all(check(number) for check in checks)


_SPANISH: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
"""The letter of each rest modulo 23."""


def spain(number: str) -> bool:
    """DNI of Spain, without dots: the letter says the rest modulo 23."""
    return number[:8].isdigit() and number[-1] == _SPANISH[int(number[:8]) % len(_SPANISH)]


def brazil_person(number: str) -> bool:
    """CPF of Brazil: two check digits, each modulo 11."""
    digits = bare(number)
    first = -_weighted(digits[:9], (10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11 % 10
    second = -(_weighted(digits[:9], (11, 10, 9, 8, 7, 6, 5, 4, 3)) + 2 * first) % 11 % 10
    return digits[9:] == f"{first}{second}"


def china(number: str) -> bool:
    """Resident id of China (GB 11643): birth date and ISO 7064 check digit; any district, for they change."""
    digits = bare(number)
    return digits[6:8] in {"18", "19", "20"} and is_date(digits[10:12], digits[12:14]) and mod_11_2.is_valid(digits)


def italy(number: str) -> bool:
    """Codice fiscale of Italy: the library's check, a month's letter and a day, women's from 41 on."""
    whole = bare(number)
    day = int(whole[9:11]) if whole[9:11].isdigit() else 1
    return whole[8] in "ABCDEHLMPRST" and day % 40 <= 31 and day % 40 > 0 and _italian(number)  # noqa: PLR2004


def france(number: str) -> bool:
    """NIR of France: the library's check of two digits, and a month."""
    return 1 <= int(bare(number)[3:5]) <= len(_DAYS) and _french(number)


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def hong_kong(number: str) -> bool:
    """HKID: letters count from ten, a single one follows a space that counts 36; the sum is 0 modulo 11."""
    whole = bare(number).rjust(9)
    values = [36 if one == " " else int(one, 36) for one in whole[:-1]]
    last = 10 if whole[-1] == "A" else int(whole[-1])
    return (sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True)) + last) % 11 == 0


_TAIWAN: Final = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
"""Letters of counties in the order of their numbers, from ten."""


def taiwan(number: str) -> bool:
    """National id and resident certificate of Taiwan, the old one with two letters included."""
    whole = bare(number)
    first = 10 + _TAIWAN.index(whole[0])
    second = str((10 + _TAIWAN.index(whole[1])) % 10) if whole[1] in _TAIWAN else whole[1]
    digits = f"{first}{second}{whole[2:]}"
    return _weighted(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)) % 10 == 0


_SINGAPORE: Final = {
    "S": (0, "JZIHGFEDCBA"), "T": (4, "JZIHGFEDCBA"),
    "F": (0, "XWUTRQPNMLK"), "G": (4, "XWUTRQPNMLK"), "M": (3, "XWUTRQPNJLK"),
}  # fmt: skip


def singapore(number: str) -> bool:
    """NRIC and FIN of Singapore."""
    whole = bare(number)
    more, letters = _SINGAPORE[whole[0]]
    rest = (_weighted(whole[1:8], (2, 7, 6, 5, 4, 3, 2)) + more) % 11
    return whole[8] == letters[rest]


def korea(number: str) -> bool:
    """Resident and foreigner registration number of Korea: birth date; a check digit only before October 2020."""
    digits = bare(number)
    return is_date(digits[2:4], digits[4:6]) and (korea_checked(digits) or korea_unchecked(digits))


def korea_checked(digits: str) -> bool:
    """Return whether the check digit is right, of residents or of foreigners."""
    rest = (11 - _weighted(digits[:12], (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10
    return int(digits[12]) in {rest, (rest + 2) % 10} if digits[6] in "5678" else int(digits[12]) == rest


def korea_unchecked(digits: str) -> bool:
    """Return whether the number may be one of those that are random but for the birth date."""
    return digits[6] in "3478" and "2010" <= digits[:4] <= "3512"


def japan(number: str) -> bool:
    """Individual number (My Number) of Japan."""
    digits = bare(number)
    rest = _weighted(digits[:11], (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return int(digits[11]) == (0 if rest <= 1 else 11 - rest)


def luhn_of_all(number: str) -> bool:
    """Return whether the last digit is right by Luhn's formula: Emirates, Saudi Arabia."""
    return luhn.is_valid(bare(number))


def russia(number: str) -> bool:
    """SNILS of Russia."""
    digits = bare(number)
    total = _weighted(digits[:9], (9, 8, 7, 6, 5, 4, 3, 2, 1)) % 101
    return int(digits[9:]) == (0 if total == 100 else total)  # noqa: PLR2004 -- 100 is written 00


def medicare(number: str) -> bool:
    """Medicare card of Australia."""
    digits = bare(number)
    return digits[0] in "23456" and _weighted(digits[:8], (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(digits[8])


def brazil_company(number: str) -> bool:
    """CNPJ of Brazil, also the one with letters that is given since July 2026: two check digits."""
    whole = bare(number)
    values = [ord(one) - 48 for one in whole]
    for size in (12, 13):
        weights = [(size - 1 - place) % 8 + 2 for place in range(size)]
        rest = sum(value * weight for value, weight in zip(values, weights, strict=False)) % 11
        if values[size] != (0 if rest < 2 else 11 - rest):  # noqa: PLR2004
            return False
    return len(set(whole)) > 1


def has_digit(number: str) -> bool:
    """Return whether there is a digit: nine letters are a word."""
    return any(map(str.isdigit, number))


_italian: Final = library("it.codicefiscale")
_french: Final = library("fr.nir")
