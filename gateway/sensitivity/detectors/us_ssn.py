"""United States social security numbers and individual taxpayer identification numbers."""

import re
from typing import Final

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.column import below
from gateway.sensitivity.finding import DIGITS, LOOK, Hit, Outcome, before, trigger

_SEPARATED: Final = re.compile(r"\d{3}([-. _|])\d\d\1\d{4}")
_BARE: Final = re.compile(r"[^\d\n]{0,24}(?P<hit>\d{3}[-. ]?\d\d[-. ]?\d{4})(?!\d|[-.]\d)")
_WHOLE: Final = re.compile(r"\.0+(?![\d.])", re.ASCII)
"""How programs write a whole number."""
_CELL: Final = re.compile(r"\d{3}[-. ]?\d\d[-. ]?\d{4}", re.ASCII)
_ISSUED: Final = re.compile(
    r"(?:(?!000|666|9)\d{3}(?!00)\d\d(?!0000)\d{4}|9\d\d(?:5\d|6[0-5]|7\d|8[0-8]|9[0-2]|9[4-9])\d{4})"
)
"""The areas and groups that the SSA issues, and the ITINs of the IRS."""
_WRITTEN: Final = re.compile(r"(?!000|666)\d{3}(?!00)\d\d(?!0000)\d{4}")
_LABEL: Final = re.compile(
    r"ssn|ss#|social|security|itin|tax|taxpayer|\btin\b|w-?2|w-?9|1099|employee|patient|\bdob\b|birth"
)
_NEVER: Final = frozenset({"078051120", "111111111", "222222222", "333333333", "444444444", "555555555"})
_ADVERTISED: Final = "98765432"


class UsSsn:
    """``AAA-GG-SSSS`` with the areas and groups that are issued; nine bare digits only where a label says so."""

    kind = "us_ssn"
    data_class = DataClass.RESTRICTED
    likely_class = DataClass.RESTRICTED
    categories = frozenset({Category.PII})
    min_distinct = 1

    def __init__(self) -> None:
        """Make the triggers: the separated form, and the labels of the bare one."""
        self.triggers = (
            trigger(
                r"(?:^|[^0-9])[0-9]{3}(?:-[0-9]{2}-|\.[0-9]{2}\.| [0-9]{2} |_[0-9]{2}_|\|[0-9]{2}\|)[0-9]{4}",
                _separated,
            ),
            trigger(
                r"(?:\b|_)(?:ssn|ss#|itin|social[ _-]?security|social  security)(?:\b|_)", _labelled, caseless=True
            ),
        )


def _separated(text: str, end: int) -> Hit | None:
    start = end - 11
    match = _SEPARATED.match(text, start)
    if match is None or _goes_on(text, start, end):
        return None
    digits = text[start : start + 3] + text[start + 4 : start + 6] + text[start + 7 : end]
    said = _LABEL.search(before(text, start, 24)) is not None
    if not (_ISSUED if not said else _WRITTEN).fullmatch(digits) or digits.startswith(_ADVERTISED):
        return None
    tabular = match[1] == " " and (text[max(0, start - 2) : start - 1] in DIGITS or text[end + 1 : end + 2] in DIGITS)
    if (
        match[1] == "." or tabular or digits in _NEVER or _is_sample(text, start, end, digits)
    ):  # versions and tables look alike; manuals have the others
        return Hit(start, end) if said or _LABEL.search(before(text, start)) else None
    return Hit(start, end, said or match[1] in _USUAL)


_USUAL: Final = frozenset("-. ")


def _is_sample(text: str, start: int, end: int, digits: str) -> bool:
    """Return whether this is the number of every manual, in quotes as tests have it."""
    return (
        digits == "123456789" and text[start - 1 : start] in {"'", '"', "`"} and text[end : end + 1] in {"'", '"', "`"}
    )


def _labelled(text: str, end: int) -> Outcome:
    hits = below(text, end, _is_cell)
    if not isinstance(hits, int):
        return hits
    match = _BARE.match(text, end)
    if match is None or not _is_issued(match["hit"]):
        return hits + LOOK
    return Hit(*match.span("hit"))


def _is_cell(text: str, start: int, end: int) -> bool:
    return _CELL.fullmatch(text, start, end) is not None and _is_issued(text[start:end])


def _is_issued(number: str) -> bool:
    return _ISSUED.fullmatch(re.sub(r"\D", "", number)) is not None


def _goes_on(text: str, start: int, end: int) -> bool:
    """Return whether the number is a part of a longer one."""
    ahead, after = text[max(0, start - 1) : start], text[end : end + 1]
    return (
        ahead in {"-", "."}
        or after == "-"
        or after in DIGITS
        or (after == "." and text[end + 1 : end + 2] in DIGITS and _WHOLE.match(text, end) is None)
    )
