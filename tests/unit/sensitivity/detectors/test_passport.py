# ruff: noqa: RUF001 -- other scripts are what this is about
import pytest
from support.detecting import found

from gateway.sensitivity.detectors.passport import Passport


@pytest.mark.parametrize(
    "text", ["passport C01X00T47", "Passport No: 123456789", "pasaporte AAA123456", "his passport number is X1234567"]
)
def test_numbers_are_found_by_their_label(text):
    assert len(found(Passport, text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "护照号：E12345678",
        "旅券番号はTK1234567です",
        "여권 M12345678",
        "name,护照\nA,E12345678",
        "جواز السفر A1234567",
        "naam;paspoort\nBas;C12345678",
        "паспорт K1234567",
    ],
)
def test_the_words_of_other_languages_are_labels(text):
    assert len(found(Passport, text)) == 1


def test_the_machine_readable_zone_is_found():
    assert len(found(Passport, "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<")) == 1


@pytest.mark.parametrize(
    "text",
    ["npm i passport@0.7.0", "C01X00T47", "passport.authenticate('jwt')", "GL_APIENTRYP PFNGLBINDATTRIBLOCATIONPROC"],
)
def test_what_only_looks_like_one_is_none(text):
    assert found(Passport, text) == []


def test_the_hash_that_blame_begins_a_line_with_is_no_number():
    lines = "3f9a1b2c (Jo 2026-03-11 10:00:00 +0000 10) // uses Passport\n48897721 (Jo 2026-03-11 10:00:00 +0000 11) //"
    assert found(Passport, lines) == []
    assert found(Passport, "Passport\n48897721 (issued 2026-03-11)") == ["48897721"]
