"""A sealed blob is a vendor's only if its form says so and nothing in it can be read."""

import base64
import gzip
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.seals import field, signature, token

from gateway.sensitivity.envelope import ANTHROPIC, LONGEST, OPENAI, vendor_of


@given(st.integers(), st.integers(64, 4000))
def test_what_a_cipher_makes_is_its_vendors(seed, size):
    rng = random.Random(seed)
    assert vendor_of(signature(cipher=rng.randbytes(size), rng=rng)) == ANTHROPIC
    assert vendor_of(token(rng, size // 16 + 1)) == OPENAI


def test_hardly_one_of_a_thousand_random_ones_is_taken_for_text():
    rng = random.Random(2)
    assert (
        sum(not vendor_of(signature(cipher=rng.randbytes(rng.randrange(16, 3000)), rng=rng)) for _ in range(2000)) <= 2
    )
    assert sum(not vendor_of(token(rng, rng.randrange(1, 200))) for _ in range(2000)) <= 2


def test_a_model_may_be_named_in_it():
    assert vendor_of(signature(more=field(6, b"claude-opus-4-8"))) == ANTHROPIC


TEXT = "My card is 4539 1488 0343 6467, and the password is swordfish"


@pytest.mark.parametrize(
    "hidden",
    [
        TEXT.encode(),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32-le"),
        "密码是这个东西请不要告诉别人".encode(),
        base64.b64encode(random.Random(3).randbytes(90)),
        random.Random(3).randbytes(90).hex().encode(),
        gzip.compress(TEXT.encode(), mtime=0),
        field(1, TEXT.encode()),
        field(1, field(2, TEXT.encode())),
        random.Random(3).randbytes(500) + TEXT.encode(),
    ],
)
def test_what_holds_text_or_an_archive_is_nobodys(hidden):
    assert vendor_of(signature(cipher=hidden)) == ""
    assert vendor_of(signature(more=field(7, hidden))) == ""
    assert vendor_of(signature(head=field(9, hidden))) == ""


def test_a_short_word_is_found_too():
    assert vendor_of(signature(nonce=b"swordfish123")) == ""
    assert vendor_of(signature(more=field(7, b"hunter2hunter2"))) == ""


@pytest.mark.parametrize(
    "seal",
    [
        "",
        "EqQBSIGNED",
        "A" * 60,
        "gAAAAAB" + "A" * 200,
        base64.b64encode(TEXT.encode()).decode(),
        base64.b64encode(random.Random(4).randbytes(200)).decode(),
        signature()[:-8],
        signature() + signature(),
        " " + signature(),
        "a" * (LONGEST + 1),
    ],
)
def test_what_has_another_form_is_nobodys(seal):
    assert vendor_of(seal) == ""


@given(st.text() | st.binary().map(lambda data: base64.b64encode(data).decode()))
def test_odd_ones_break_nothing(seal):
    assert vendor_of(seal) in {"", ANTHROPIC, OPENAI}
