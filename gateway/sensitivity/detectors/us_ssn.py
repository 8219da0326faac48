"""United States social security numbers."""

import re
from collections.abc import Iterator
from typing import Final

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.finding import Hit, matches

_SEPARATED: Final = re.compile(r"\d{3}([- ])\d\d\1\d{4}")
_LABELLED: Final = re.compile(r"\b(?:ssn|social\s+security)\b[^\d\n]{0,24}(?P<hit>\d{9})(?!\d)", re.IGNORECASE)
_ISSUED: Final = re.compile(r"(?!000|666|9)\d{3}(?!00)\d\d(?!0000)\d{4}")


class UsSsn:
    """``AAA-GG-SSSS`` with the areas and groups that the SSA issues; nine bare digits only where a label says so."""

    kind = "us_ssn"
    data_class = DataClass.RESTRICTED
    categories = frozenset({Category.PII})
    min_digits = 9

    def scan(self, text: str) -> Iterator[Hit]:
        """Yield each number."""
        for hit in (*matches(_SEPARATED, text), *matches(_LABELLED, text)):
            digits = re.sub(r"\D", "", text[hit.start : hit.end])
            if _ISSUED.fullmatch(digits) and not _goes_on(text, hit):
                yield hit


def _goes_on(text: str, hit: Hit) -> bool:
    """Tell whether the number is a part of a longer one."""
    before, after = text[max(0, hit.start - 1) : hit.start], text[hit.end : hit.end + 1]
    return before == "-" or after == "-" or before.isdigit() or after.isdigit()
