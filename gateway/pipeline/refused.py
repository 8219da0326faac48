"""The message of a request that no target may see: what was found, where, and what to do. Clients show nothing else."""

from collections.abc import Iterable, Mapping
from typing import Final

from gateway.domain.label import Label
from gateway.domain.time_text import utc
from gateway.pipeline.case import Case
from gateway.sensitivity.conversation import DECLARED

_WORDS: Final[Mapping[str, str]] = {
    "secret": "a password, key or token",
    "credit_card": "a payment card number",
    "iban": "a bank account number (IBAN)",
    "us_ssn": "a social security number",
    "national_id": "a national id number",
    "passport": "a passport number",
    "email": "an e-mail address",
    "phone": "a telephone number",
    "medical_record": "a medical record number",
    "account_number": "an account number",
    "ip_address": "a private network address",
}
_MOST: Final = 3
"""Places that are named; the evidence beside the message has the others."""


def message(case: Case) -> str:
    """Return why a request was refused: for its content first, then by which rule for each target."""
    reasons = "; ".join(
        f"{drop.target}: {drop.detail} ({drop.rule})" + (f": {drop.why}" if drop.why else "")
        for drop in case.decision.dropped
    )
    places = found(case) if any(drop.reason == "sensitivity" for drop in case.decision.dropped) else ""
    what = f"no target is permitted for this request: it holds {places}" if places else ""
    return f"{what or 'no target is permitted for this request'}. {reasons}{advice(case, places=places)}"


def advice(case: Case, *, places: str = "") -> str:
    """Return what a caller may do; empty if nothing is known that would help."""
    tainted = case.labelled.tainted
    if not Label(case.team.default_class).covers(tainted):
        made = f"{tainted.data_class.word}{_origin(case)}"
        return f". An earlier message made this conversation {made}, and it stays so: {_way_out(case)}"
    if not places:
        return ""
    how = f"POST /v1/gateway/decisions/{case.inbound.id}/dispute"
    return f". Remove it and send the request again, or ask the owner of your team to permit it ({how})"


def _origin(case: Case) -> str:
    """Return what made the conversation what it is, as far as it is known: the kind, the decision and its time."""
    named = [one for one in case.labelled.origins if words(one.kind) or one.kind == DECLARED]
    weights = {part.kind: part.label.data_class for part in case.labelled.parts}
    first = max(named, key=lambda one: weights.get(one.kind, 0), default=None)
    if first is None:
        return ""
    what = words(first.kind) or "a class that its caller declared"
    return f" ({what}, decision {first.decision} at {utc(first.at)})"


def _way_out(case: Case) -> str:
    if case.labelled.conversation.id:
        return (
            "start a new session without that content, or compact the conversation under a new session id and retry; "
            "an administrator can remove it with `gateway sessions forget`"
        )
    return "begin a new conversation without that message and the answers to it, and retry"


def found(case: Case) -> str:
    """Return what was found and where, what weighs most first: ``a payment card number in messages[3].content``."""
    weights = {part.kind: part.label.data_class for part in case.labelled.parts}
    placed = [one for one in case.labelled.findings if one.path and words(one.detector)]
    placed.sort(key=lambda one: -weights.get(_part(one.detector), 0))
    named = list(dict.fromkeys(f"{words(one.detector)} in {one.path}" for one in placed))
    rest = len(named) - _MOST
    return _joined([*named[:_MOST], *([f"{rest} more"] if rest > 0 else [])])


def words(detector: str) -> str:
    """Return what a detector finds, in words; empty for evidence that is no finding in the text."""
    kind, _, name = detector.partition(":")
    if kind in _WORDS:
        return _WORDS[kind]
    if kind == "custom":
        return f"what your company's detector `{name}` looks for"
    if kind == "word_list":
        return f"a word of your company's list `{name}`"
    return f"content that cannot be read ({name.replace(':', ', ')})" if kind == "unscannable" else ""


def _part(detector: str) -> str:
    """Return the kind of the part of the label that a detector's findings add."""
    return detector if detector.startswith(("custom:", "word_list:")) else detector.partition(":")[0]


def _joined(items: Iterable[str]) -> str:
    *most, last = list(items) or [""]
    return f"{', '.join(most)} and {last}" if most else last
