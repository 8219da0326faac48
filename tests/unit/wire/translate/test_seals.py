"""What one vendor has signed goes through another dialect and comes back as it was, whatever a client does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.translate.hub import Sealed, Thought
from gateway.wire.translate.seals import (
    for_messages,
    for_responses,
    of_responses,
    sealed_of_messages,
    thought_of_messages,
)

TEXTS = st.text(max_size=40)
NAMES = st.from_regex(r"(?:rs_[0-9a-f]{1,20})?", fullmatch=True)


@given(TEXTS, st.text(min_size=1, max_size=40), NAMES)
def test_encrypted_reasoning_goes_through_messages(text, seal, name):
    thought, sealed = Thought(text, seal, "openai", name), Sealed(seal, "openai", name)
    assert thought_of_messages(text, for_messages(thought)) == thought
    assert sealed_of_messages(for_messages(sealed)) == sealed


@given(TEXTS, st.from_regex(r"[A-Za-z0-9+/]{1,40}={0,2}", fullmatch=True), TEXTS)
def test_signed_thinking_goes_through_responses_even_if_its_text_is_changed(text, seal, shown):
    assert of_responses(shown, for_responses(Thought(text, seal)), "rs_1") == Thought(text, seal)
    assert of_responses(shown, for_responses(Sealed(seal)), "rs_1") == Sealed(seal)


def test_what_is_the_dialects_own_is_left_as_it_is():
    assert for_messages(Thought("t", "SIGN")) == thought_of_messages("t", "SIGN").signature == "SIGN"
    assert for_responses(Sealed("ENC", "openai")) == "ENC"
    assert of_responses("", "ENC", "rs_1") == Sealed("ENC", "openai", "rs_1")
    assert of_responses("t", "", "rs_1") == Thought("t")
    assert for_messages(Thought("t")) == for_responses(Thought("t")) == ""


@pytest.mark.parametrize("packed", ["x", "é", "e30=", "Ng==", "eyJ0aGlua2luZyI6N30="])
def test_what_a_client_damaged_is_thinking_that_nobody_signed(packed):
    assert of_responses("shown", f"anthropic-claude-v1:{packed}", "") == Thought("shown")
