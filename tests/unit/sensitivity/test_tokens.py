"""Every format that is listed is found, whatever letters chance gives a token."""

import random
import re

import pytest

from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity.scan import scanner_for
from gateway.sensitivity.tokens import TOKENS

TRIES = 100


def letters(members):
    return [letter for letter in map(chr, range(33, 127)) if re.match(f"[{members}]", letter)]


def written(prefix, rng):
    """A prefix as a token has it: one way of each choice, one letter of each set."""
    chosen = re.sub(r"\(\?:([^)]*)\)", lambda found: rng.choice(found[1].split("|")), prefix)
    many = re.compile(r"\[([^\]]*)\](?:\{(\d+)\})?")
    filled = many.sub(lambda found: "".join(rng.choice(letters(found[1])) for _ in range(int(found[2] or 1))), chosen)
    return filled.replace("\\", "")


@pytest.mark.parametrize(("prefix", "members", "least", "most"), TOKENS, ids=[row[0] for row in TOKENS])
def test_of_a_hundred_made_up_tokens_at_most_one_is_missed(prefix, members, least, most):
    rng = random.Random(prefix)
    size = most or max(least, 40)
    tokens = [written(prefix, rng) + "".join(rng.choices(letters(members), k=size)) for _ in range(TRIES)]
    scanner = scanner_for(SensitivitySpec())
    missed = [one for one in tokens if not scanner.scan({"input": f"please use {one} for it"}).parts]

    assert len(missed) <= 1, missed[0]


def test_a_key_that_ends_without_a_digit_is_found():
    """One key in thirty does: twenty characters of sixty-four."""
    key = "sk-ant-api03-Kx7bQm2vTz" + "GAYDAMBQqbmadyagqbmadyagAA"

    assert scanner_for(SensitivitySpec()).scan({"input": f"the key {key}"}).parts
    assert not scanner_for(SensitivitySpec()).scan({"input": "sk-ant-design-table-wrapper-header-cell"}).parts
