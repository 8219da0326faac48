"""Passport numbers by label, and the machine-readable zone (ICAO 9303)."""
# ruff: noqa: E501 -- tables

import re
from typing import Final

from gateway.domain.label import Category, DataClass
from gateway.sensitivity.finding import anchored, trigger
from gateway.sensitivity.labelled import labelled
from gateway.sensitivity.near import Shape, near

_ZONE: Final = re.compile(r"P[A-Z<][A-Z]{3}(?=[A-Z<]*<<)[A-Z]{2}[A-Z<]{20,37}")


_LOCAL_WORDS: Final = (
    *("护照", "護照", "旅券", "パスポート", "여권", "หนังสือเดินทาง", "hộ chiếu", "paspor", "pasport", "pasaport", "passaporte"),
    *("جواز", "דרכון", "पासपोर्ट", "διαβατήριο", "passport", "pasaporte", "passeport", "passaporto", "paszport", "reisepass"),
    *("paspoort", "паспорт", "útlevél", "pașaport", "cestovní pas", "cestovny pas", "putovnica", "пасош"),
)  # fmt: skip


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
            *near(_LOCAL_WORDS, (Shape(r"[A-Z]{1,3}\d{6,9}[A-Z]{0,2}|[A-Z]\d{2}[A-Z]{2}\d{5}|\d{8,9}"),)),
            labelled(words, digits=6, check=re.compile(r"[A-Za-z]{0,3}\d{5,10}[A-Za-z]{0,2}|[A-Z0-9]{8,10}").fullmatch),
            trigger(r"\bP[A-Z<][A-Z]{3}[A-Z]{2}[A-Z<]{8}", anchored(_ZONE, 15)),
        )
