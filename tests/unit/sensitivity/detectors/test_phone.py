"""Telephone numbers as people write them; phonenumbers is the oracle for what a region writes."""
# ruff: noqa: RUF001 -- other scripts are what this is about

import phonenumbers
import pytest
from support.detecting import found, hits

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
    ("text", "number"),
    [
        ("手机号是13812345678，请回电", "13812345678"),
        ("联系人电话：15057817703", "15057817703"),
        ("电话: 192-4410-7168", "192-4410-7168"),
        ("客户手机+86 17933050766，请核对", "+86 17933050766"),
        ("客户联系电话192 3856 0945，请核对", "192 3856 0945"),
        ("お客様の電話番号は090-9596-8071です", "090-9596-8071"),
        ("휴대폰:010-1234-5678", "010-1234-5678"),
        ("客户手機0916-839-815，请核对", "0916-839-815"),
        ("х:010-1234-5678", "010-1234-5678"),
        ("a,010-1234-5678,b", "010-1234-5678"),
        ("座机010-62345678", "010-62345678"),
        ("Tel.:030-12345678", "030-12345678"),
        ("телефон: 8 912 345 67 89", "8 912 345 67 89"),
        ("اتصل بالعميل على الرقم +971 50 581 5243 غدا", "+971 50 581 5243"),
        ("Llama a María al 634083538 y", "634083538"),
        ("มือถือ 081-234-5678", "081-234-5678"),
        ("SĐT: 0912345678", "0912345678"),
        ("01 42 68 53 10", "01 42 68 53 10"),
    ],
)
def test_numbers_are_found_with_the_words_of_their_language_and_after_a_colon_or_comma(text, number):
    assert number in found(Phone, text)


@pytest.mark.parametrize(
    "text", ["姓名,手机,城市\n王芳,17230708260,上海\n李雷,13722821275,北京", "name;phone\nA;17230708260\nB;13722821275"]
)
def test_a_column_of_them_is_found(text):
    assert found(Phone, text) == ["17230708260", "13722821275"]


@pytest.mark.parametrize(
    ("text", "sure"), [("tel. 0301234567", True), ("+44 20 7946 0958", True), ("see (415) 867-5309", False)]
)
def test_a_word_or_the_country_s_prefix_makes_it_sure(text, sure):
    assert {hit.sure for hit in hits(Phone, text)} == {sure}


@pytest.mark.parametrize(
    "text",
    [
        "000-12-3456",
        "00 01 02 03 04 05 06 07 08 09 0A 0B",
        "<Buffer 01 02 03 04 05>",
        "01-02-2026",
        "phone 2026-11-30",
        "phone 20261130",
        "mobile 192.168.10.20",
        "Clause 252.227-7013",
        "1.19_03 2014-11-25",
        "0063 0063 0073",
        "foo (2.1-3) unstable; closes: #987654",
        "1:15~+20220727091640+d77882",
        '{since:"0000-12-31"}',
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
