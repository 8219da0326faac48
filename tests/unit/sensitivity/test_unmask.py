"""Restoring a text in pieces (tests/property/test_masking.py tries every cut of a thousand of them)."""

import pytest

from gateway.sensitivity.unmask import Unmasker, unmask
from gateway.sensitivity.vault import Vault
from gateway.sensitivity.written import as_json


@pytest.fixture
def vault():
    one = Vault(b"s", "c")
    one.placeholder("email", 'o"b@c.de')
    return one


def test_only_what_may_be_a_placeholder_waits(vault):
    reader = Unmasker(vault)
    assert reader.feed("Hello M") == "Hello "
    assert reader.holds
    assert reader.feed("iller") == "Miller"
    assert not reader.holds


def test_inside_json_the_value_is_escaped(vault):
    (name,) = vault.values
    assert Unmasker(vault, inside_json=True).feed(name) == 'o\\"b@c.de' == as_json('o"b@c.de')


def test_numbers_and_the_like_stay(vault):
    assert unmask({"a": [1, None, True, 1.5]}, vault) == {"a": [1, None, True, 1.5]}


def test_an_unknown_placeholder_stays_as_it_is(vault):
    assert unmask("MASKED_EMAIL_ffffffffffff", vault) == "MASKED_EMAIL_ffffffffffff"


def test_without_values_nothing_changes():
    reader = Unmasker(Vault(b"s", "c"))
    assert reader.feed("MASKED_EMAIL_ffffffffffff") == "MASKED_EMAIL_ffffffffffff"


def test_what_is_broken_further_apart_or_is_not_of_this_request_stays():
    vault = Vault(b"s", "c")
    name = vault.placeholder("email", "a@b.de")
    apart, other = name.replace("_", "    _"), "MASKED\\_EMAIL\\_ffffffffffff"

    assert unmask(apart, vault) == apart
    assert unmask(other, vault) == other
    assert unmask(name.replace("_", "\\_"), vault) == "a@b.de"


def test_thinking_keeps_its_placeholders_for_its_vendor_has_signed_it():
    vault = Vault(b"s", "c")
    name = vault.placeholder("email", "a@b.de")
    thought = {"type": "thinking", "thinking": f"to {name}", "signature": "x"}

    assert unmask({"content": [thought, {"type": "text", "text": name}]}, vault) == {
        "content": [thought, {"type": "text", "text": "a@b.de"}]
    }
