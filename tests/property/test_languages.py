"""What people type, paste and log in 14 languages: what may not leave is found in each, and little else."""

import random

import pytest
from stdnum import iban, luhn
from support.prompts import COUNTRIES, figures, makers, prompts

FIGURES = figures(measuring=True, seeds=5)


@pytest.mark.parametrize("language", COUNTRIES)
def test_each_language_reaches_its_floor(language):
    assert FIGURES[language][2] >= 0.85


def test_all_languages_together_reach_theirs():
    precision, recall, balance = FIGURES["all"]
    assert precision >= 0.95
    assert recall >= 0.92
    assert balance >= 0.92


@pytest.mark.parametrize("language", COUNTRIES)
def test_what_is_put_in_is_right(language):
    chance = random.Random(1)
    for _ in range(20):
        made = {name: make(chance) for name, make in makers(language).items()}
        assert iban.is_valid(made["iban"])
        assert luhn.is_valid(made["card"].replace(" ", ""))


def test_the_halves_share_no_prompt():
    one, other = ({prompt.text for prompt in prompts(1, measuring=half)} for half in (True, False))
    assert one.isdisjoint(other)
    assert min(len(one), len(other)) > 100
