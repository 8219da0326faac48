"""What payment providers publish for tests is a card's number in shape, and no other one is on the list by mistake."""

from stdnum import luhn

from gateway.sensitivity.published_cards import PUBLISHED


def test_every_number_has_its_check_digit():
    assert {number for number in PUBLISHED if not luhn.is_valid(number)} == set()


def test_the_example_of_these_docs_is_not_one_of_them():
    assert "4539148803436467" not in PUBLISHED
    assert "4111111111111111" in PUBLISHED
