"""Each number is found by the words of its country, in its language too, and in a column of that name."""

import pytest
from support.identity_numbers import POSITIONS, ROWS, counts

from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity.ids.europe import EUROPE
from gateway.sensitivity.near import near
from gateway.sensitivity.scan import scanner_for

COUNTRIES = (
    "Russia",
    "Germany",
    "Austria",
    "Spain",
    "France",
    "Italy",
    "Netherlands",
    "Poland",
    "Sweden",
    "Norway",
    "Denmark",
    "Finland",
    "UK",
    "Bulgaria",
    "Greece",
    "Ukraine",
)
HERE = [row for row in ROWS if row.name.startswith(COUNTRIES)]


@pytest.mark.parametrize("row", HERE, ids=lambda row: row.name)
def test_a_number_is_found_wherever_there_is_a_label(row):
    found = dict(zip([name for name, _ in POSITIONS], counts(scanner_for(SensitivitySpec()), row, 20), strict=True))

    assert all(count == 20 for position, count in found.items() if position != "none" or row.twice), found


@pytest.mark.parametrize(("words", "shapes"), EUROPE, ids=lambda one: one[0] if isinstance(one[0], str) else "")
def test_every_row_makes_triggers(words, shapes):
    assert near(words, shapes)
