"""Signed thinking goes through OpenAI's chat and back as it was, and nothing of another vendor is taken for it."""

from gateway.wire.translate.details import blocks, details, thoughts
from gateway.wire.translate.hub import Sealed, Text, Thought

PARTS = (Thought("hmm", "SIGN=="), Text("x"), Sealed("RED=="), Thought("unsigned"))


def test_what_is_signed_or_sealed_comes_back_and_nothing_else():
    assert thoughts(details(PARTS)) == [Thought("hmm", "SIGN=="), Sealed("RED==")]


def test_encrypted_reasoning_of_openai_comes_back_with_its_id_and_summary():
    parts = (Thought("hmm", "ENC==", "openai", "rs_1"), Sealed("ENC2==", "openai", "rs_2"))
    assert thoughts(details(parts)) == list(parts)


def test_litellms_blocks_are_read_too():
    signed = {"type": "thinking", "thinking": "hmm", "signature": "S"}
    sealed = {"type": "redacted_thinking", "data": "R"}
    assert blocks([signed, sealed, {"type": "thinking", "thinking": "x"}, 7]) == [Thought("hmm", "S"), Sealed("R")]
    assert blocks("x") == []


def test_items_of_another_vendor_and_of_no_shape_are_left_out():
    other = {"type": "reasoning.encrypted", "data": "x", "format": "google-gemini-v1"}
    assert thoughts([other, {"type": "reasoning.text", "text": "unsigned"}, {"type": 7}, "x", None]) == []
    assert thoughts("x") == []
