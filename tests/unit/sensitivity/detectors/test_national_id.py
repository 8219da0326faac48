"""Numbers of at least twelve countries; python-stdnum is the oracle of their checksums."""

import importlib

import pytest
from support.detecting import found

from gateway.sensitivity.detectors.national_id import _SHAPES, NationalId


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
    "text", ["12345678A", "2341 2341 2345", "commit AB123456CD", "11010519491231002x1", "DNI only"]
)
def test_what_only_looks_like_one_is_none(text):
    assert found(NationalId, text) == []


@pytest.mark.parametrize("name", sorted({row[0] for row in _SHAPES if row[0]}))
def test_every_checksum_is_one_that_the_library_has(name):
    assert callable(importlib.import_module(f"stdnum.{name}").is_valid)
