"""A label makes a number sensitive; between them there may be words of a sentence."""

import pytest

from gateway.sensitivity.finding import Hit
from gateway.sensitivity.labelled import labelled

LOOKED_FOR = labelled((r"badge\b",), digits=4)


def value(text: str) -> str | None:
    hit = LOOKED_FOR.extract(text, text.lower().index("badge") + 5)
    return text[hit.start : hit.end] if isinstance(hit, Hit) else None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("badge 1234", "1234"),
        ("Badge number is: AB-1234", "AB-1234"),
        ('"badge": "12 34 56"', "12 34 56"),
        ("badge 123", None),
        ("badge 2026-11-22", None),
        ("badge $1234", None),
        ("badges 1234", None),
        ("badge of honour in 1234", None),
    ],
)
def test_values(text, found):
    assert value(text) == found
