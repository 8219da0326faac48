"""What one vendor has signed or sealed, in the field that another dialect has for such a thing.

A client keeps the field and sends it back; then it is what it was, and goes to its own vendor only. The form of a field
says whose it is: what has no mark of ours is of the dialect's own vendor.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from gateway.wire.body import read_answer, serialise
from gateway.wire.translate.hub import Sealed, Thought

_OPENAI: Final = "openai-responses-v1:"
"""Before id and encrypted reasoning, in a signature of Messages."""
_ANTHROPIC: Final = "anthropic-claude-v1:"
"""Before thinking and its signature, in an ``encrypted_content`` of Responses."""


def for_messages(part: Thought | Sealed) -> str:
    """Return a seal as Messages has it: in ``signature`` or ``data``."""
    seal = part.signature if isinstance(part, Thought) else part.data
    return f"{_OPENAI}{part.id}:{seal}" if seal and part.origin == "openai" else seal


def thought_of_messages(text: str, signature: str) -> Thought:
    """Return thinking with whose signature it is."""
    if not signature.startswith(_OPENAI):
        return Thought(text, signature)
    name, _, seal = signature.removeprefix(_OPENAI).partition(":")
    return Thought(text, seal, "openai", name)


def sealed_of_messages(data: str) -> Sealed:
    """Return redacted thinking with whose it is."""
    if not data.startswith(_OPENAI):
        return Sealed(data)
    name, _, seal = data.removeprefix(_OPENAI).partition(":")
    return Sealed(seal, "openai", name)


def for_responses(part: Thought | Sealed) -> str:
    """Return a seal as Responses has it, in ``encrypted_content``; empty if there is none.

    The vendor signed the very text, and clients may drop or change the one beside it: so it is in there, too.
    """
    seal = part.signature if isinstance(part, Thought) else part.data
    if not seal or part.origin == "openai":
        return seal
    said = {"thinking": part.text, "signature": seal} if isinstance(part, Thought) else {"data": seal}
    return _ANTHROPIC + urlsafe_b64encode(serialise(said)).decode()


def of_responses(text: str, encrypted: str, name: str) -> Thought | Sealed:
    """Return an item of reasoning: its summary, ``text``, what only its vendor can read, and its id."""
    if encrypted.startswith(_ANTHROPIC):
        return _anthropic(text, encrypted.removeprefix(_ANTHROPIC))
    if encrypted and not text:
        return Sealed(encrypted, "openai", name)
    return Thought(text, encrypted, "openai" if encrypted else "anthropic", name if encrypted else "")


def _anthropic(text: str, packed: str) -> Thought | Sealed:
    """Return what was packed here; what a client has damaged is thinking that nobody signed."""
    try:
        said = read_answer(urlsafe_b64decode(packed.encode("utf-8", "replace")))
    except ValueError:
        return Thought(text)
    if not isinstance(said, dict):
        return Thought(text)
    if isinstance(said.get("data"), str):
        return Sealed(said["data"])
    thinking, signature = said.get("thinking"), said.get("signature")
    if isinstance(thinking, str) and isinstance(signature, str):
        return Thought(thinking, signature)
    return Thought(text)
