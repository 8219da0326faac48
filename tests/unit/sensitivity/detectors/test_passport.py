import pytest
from support.detecting import found

from gateway.sensitivity.detectors.passport import Passport


@pytest.mark.parametrize(
    "text", ["passport C01X00T47", "Passport No: 123456789", "pasaporte AAA123456", "his passport number is X1234567"]
)
def test_numbers_are_found_by_their_label(text):
    assert len(found(Passport, text)) == 1


def test_the_machine_readable_zone_is_found():
    assert len(found(Passport, "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<")) == 1


@pytest.mark.parametrize("text", ["npm i passport@0.7.0", "C01X00T47", "passport.authenticate('jwt')"])
def test_what_only_looks_like_one_is_none(text):
    assert found(Passport, text) == []
