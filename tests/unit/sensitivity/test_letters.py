"""The table of look-alike characters: written by a generator, not computed at each start."""

import unicodedata

import pytest
from support.make_letter_forms import FILE, forms, plain, written

from gateway.sensitivity.letters import FOLDS, YOUNGER


def test_the_generator_writes_the_very_file_that_is_shipped():
    assert FILE.read_text(encoding="utf-8") == written()


def test_every_form_is_read_as_what_unicode_says():
    assert {character: FOLDS[character] for character in forms()} == forms()


@pytest.mark.parametrize("character", YOUNGER)
def test_digits_of_a_younger_unicode_are_the_digits_that_it_says(character):
    said = plain(character)

    assert said == (YOUNGER[character] if unicodedata.decimal(character, None) is not None else None)
    assert FOLDS[character] == YOUNGER[character]
