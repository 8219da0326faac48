"""Passport numbers by label, and the machine-readable zone (ICAO 9303)."""

import re
from typing import Final

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.finding import anchored, trigger
from gateway.sensitivity.labelled import labelled

_ZONE: Final = re.compile(r"P[A-Z<][A-Z]{3}[A-Z]{2}[A-Z<]{20,37}")


class Passport:
    """One or two letters and six to nine digits where a passport is spoken of."""

    kind = "passport"
    data_class = DataClass.RESTRICTED
    likely_class = DataClass.RESTRICTED
    categories = frozenset({Category.PII})
    min_distinct = 1

    def __init__(self) -> None:
        """Make the triggers."""
        words = (
            r"passports?\b",
            "passnummer",
            "reisepass",
            "pasaporte",
            "passeport",
            "passaporto",
            "paszport",
            "reisepassnummer",
        )
        self.triggers = (
            labelled(words, digits=6, check=re.compile(r"[A-Za-z]{0,3}\d{5,9}[A-Za-z]{0,2}|[A-Z0-9]{8,10}").fullmatch),
            trigger(r"\bP[A-Z<][A-Z]{3}[A-Z]{2}[A-Z<]{8}", anchored(_ZONE, 15)),
        )
