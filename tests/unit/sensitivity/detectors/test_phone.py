"""Telephone numbers as people write them; phonenumbers is the oracle for what a region writes."""

import phonenumbers
import pytest
from support.detecting import found

from gateway.sensitivity.detectors.phone import Phone

REGIONS = ["DE", "ES", "FR", "GB", "IN", "IT", "JP", "MX", "NL", "PL", "SE", "US", "BR", "AU", "ZA"]


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_s_example_is_found_in_its_international_form(region):
    number = phonenumbers.format_number(
        phonenumbers.example_number(region), phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    assert number in found(Phone, f"reach {number}.")


@pytest.mark.parametrize(
    "number", ["(415) 867-5309", "415-867-5309", "415.867.5309", "0151 234 5678", "03-1234-5678", "001 415 867 5309"]
)
def test_national_forms_are_found(number):
    assert number in found(Phone, f"see {number}, please")


@pytest.mark.parametrize("text", ["phone: 8675309", "call me at 4158675309", "tel. 0301234567", "8675309 office"])
def test_bare_digits_count_where_a_word_says_so(text):
    assert len(found(Phone, text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "000-12-3456",
        "part number: 555-123-4567-A",
        "2026-11-22 12:30:45",
        "v1.2.3",
        "1732290000",
        "10.0.0.1",
        "0.5 0.25 0.125",
    ],
)
def test_what_only_looks_like_one_is_none(text):
    assert found(Phone, text) == []
