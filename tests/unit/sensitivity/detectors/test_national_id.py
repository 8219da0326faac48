"""Numbers of at least twelve countries; python-stdnum is the oracle of their checksums."""
# ruff: noqa: RUF001 -- other scripts are what this is about

import importlib

import pytest
from support.detecting import found, hits

from gateway.sensitivity.detectors.national_id import _SHAPES, NationalId
from gateway.sensitivity.ids import checks


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("ES", "12345678Z"),
        ("ES", "X1234567L"),
        ("IT", "RSSMRA85T10A562S"),
        ("FR", "2 95 10 99 126 111 93"),
        ("CN", "11010519491231002X"),
        ("BR", "390.533.447-05"),
        ("IN", "2341 2341 2346"),
        ("IN", "ABCPE1234F"),
        ("UK", "AB123456C"),
        ("BE", "85.07.30-033.28"),
        ("CH", "756.9217.0769.85"),
        ("MX", "BOXW310820HNERXN09"),
        ("CL", "12.531.909-2"),
        ("FI", "131052-308T"),
    ],
)
def test_numbers_are_found_by_themselves(country, number):
    assert found(NationalId, f"see {number}, please") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "PESEL: 44051401359",
        "BSN 111222333",
        "Steuer-ID 36574261809",
        "NASS: 22 97684351 85",
        "driver's license D1234567",
    ],
)
def test_others_are_found_by_their_label(text):
    assert len(found(NationalId, text)) == 1


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("身份证号110105199001011237，姓名王芳", "110105199001011237"),
        ("公民身份号码11010519491231002X。", "11010519491231002X"),
        ("客户身份证号码T2668509A，请核对", "T2668509A"),
        ("HKID A123456(3)", "A123456(3)"),
        ("회원 주민등록번호670207-4694592", "670207-4694592"),
        ("Het BSN van de cliënt is 261974476.", "261974476"),
        ("T.C. kimlik numarası 38780548788", "38780548788"),
        ("供应商统一社会信用代码91120101MA67LNXN0M，", "91120101MA67LNXN0M"),
        ("Name,Steuer-ID,Ort\nLena,16024725988,Köln", "16024725988"),
        ("رقم الهوية: 784-1954-0227704-0", "784-1954-0227704-0"),
        ("ИНН клиента: 102190387173", "102190387173"),
        ("ΑΦΜ: 694098541", "694098541"),
    ],
)
def test_words_of_the_country_are_labels_glued_or_not(text, number):
    assert found(NationalId, text) == [number]


@pytest.mark.parametrize(
    ("text", "sure"), [("see 12345678Z", False), ("DNI 12345678Z", True), ("11010519491231002X", True)]
)
def test_one_check_digit_without_a_label_is_only_likely(text, sure):
    assert {hit.sure for hit in hits(NationalId, text)} == {sure}


@pytest.mark.parametrize("text", ["4539 1488 0343 6467", "1 4539 1488 0343"])
def test_a_part_of_a_longer_number_is_none(text):
    assert found(NationalId, text) == []


@pytest.mark.parametrize(
    "text", ["12345678A", "2341 2341 2345", "commit AB123456CD", "11010519491231002x1", "DNI only"]
)
def test_what_only_looks_like_one_is_none(text):
    assert found(NationalId, text) == []


@pytest.mark.parametrize("name", sorted({row[0] for row in _SHAPES if "." in row[0]}))
def test_every_checksum_is_one_that_the_library_has(name):
    assert callable(importlib.import_module(f"stdnum.{name}").is_valid)


@pytest.mark.parametrize("name", sorted({row[0] for row in _SHAPES if row[0] and "." not in row[0]}))
def test_every_other_is_one_of_ours(name):
    assert callable(getattr(checks, name))
