"""International bank account numbers."""

import re
from typing import Final

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.finding import ALNUM, DIGITS, LETTERS, Hit, trigger

_LENGTHS: Final[dict[str, int]] = {
    # ISO 13616 registry (SWIFT), length by country
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28,
    "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20,
    "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25,
    "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip
_DIGITS_ALONE: Final = frozenset(
    "AE AT BA BE CR CZ DE DK EE ES FI FO GL HR HU IL IS LT LY ME NO PL PT RS SE SI SK ST TL TN XK".split()  # noqa: SIM905
)
"""Countries whose accounts hold no letters."""
_DIGITS: Final = re.compile(r"[\d _|.\n-]+")
_WORD: Final = re.compile(r"(?:^|[^A-Za-z0-9+/=])[A-Za-z]{1,12}$")
_SHAPE: Final = re.compile(r"[A-Za-z]{2}\d\d(?:[ _|.\n-]?[A-Za-z0-9]){11,30}")


class Iban:
    """A country code, check digits and account of the country's length, with a right mod-97 sum (ISO 7064)."""

    kind = "iban"
    data_class = DataClass.RESTRICTED
    likely_class = DataClass.RESTRICTED
    categories = frozenset({Category.PII})
    min_distinct = 1

    def __init__(self) -> None:
        """Make the trigger: any country's code, two digits, and the least that follows."""
        countries = "|".join(sorted(_LENGTHS))
        self.triggers = (
            trigger(
                rf"(?:^|[^A-Za-z0-9])(?:{countries})[0-9]{{2}}(?:[ _|.\n-]?[A-Za-z0-9]){{11}}", _extract, caseless=True
            ),
            trigger(rf"[a-z](?:{countries})[0-9]{{2}}(?:[ -]?[A-Z0-9]){{11}}", _extract),
        )


def _extract(text: str, end: int) -> Hit | None:
    """Return the account number; what follows it after a space does not hide it."""
    start = _start(text, end)
    match = _SHAPE.match(text, start)
    length = _LENGTHS.get(text[start : start + 2].upper())
    if match is None or length is None or text[max(0, start - 1) : start] == "-":
        return None
    if text[max(0, start - 1) : start] in LETTERS and _WORD.search(text, max(0, start - 14), start) is None:
        return None
    country = text[start : start + 2].upper()
    stop = _end_of(
        match[0] + text[match.end() : match.end() + 1], length, DIGITS if country in _DIGITS_ALONE else ALNUM
    )
    if stop is not None and country in _DIGITS_ALONE and not _DIGITS.fullmatch(match[0], 2, stop):
        return None
    if stop is None or not _grouped(match[0][:stop]) or not checks_out(re.sub(r"[^A-Za-z0-9]", "", match[0][:stop])):
        return None
    return Hit(start, start + stop)


def _grouped(found: str) -> bool:
    """Return whether there are no separators, or one after each fourth character; a UUID has parts of other sizes."""
    sizes = [len(group) for group in re.split(r"[^A-Za-z0-9]", found)]
    return len(sizes) == 1 or (all(size == 4 for size in sizes[:-1]) and sizes[-1] <= 4)  # noqa: PLR2004


def _start(text: str, end: int) -> int:
    """Go back over fifteen letters and digits, spaces and hyphens aside."""
    seen = 0
    while True:
        end -= 1
        seen += text[end] in ALNUM
        if seen == 15:  # noqa: PLR2004 -- as many as the trigger holds
            return end


def _end_of(found: str, length: int, alphabet: frozenset[str]) -> int | None:
    """Return where the first ``length`` letters and digits end; None if a number goes on there or there are too few."""
    seen = 0
    for position, character in enumerate(found):
        seen += character in ALNUM
        if seen == length:
            return None if found[position + 1 : position + 2] in alphabet else position + 1
    return None


def checks_out(iban: str) -> bool:
    """Return whether the check digits are right: the rearranged number is 1 modulo 97."""
    rearranged = (iban[4:] + iban[:4]).upper()
    return int("".join([str(int(character, 36)) for character in rearranged])) % 97 == 1
