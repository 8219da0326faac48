"""Parts, turns, exceptions, sealed blobs and spans: what others rest on."""

import base64
import hashlib

import pytest

from gateway.domain.exceptions import PolicyException, salted
from gateway.domain.label import DataClass, Label
from gateway.domain.sensitivity import SensitivitySpec
from gateway.patterns.engine import ENGINES
from gateway.sensitivity.scan import Part, Scanner, TextSpan, scanner_for

PLAIN = SensitivitySpec()
CARD = "4539 1488 0343 6467"


def user(*texts):
    return {"messages": [{"role": "user", "content": text} for text in texts]}


@pytest.fixture(scope="module", params=ENGINES)
def scanner(request):
    return Scanner(PLAIN, engine=request.param)


def test_a_part_a_kind_with_the_first_turn_that_holds_it(scanner):
    scan = scanner.scan(user("hello", f"card {CARD}", f"and {CARD}, or ann.lee@acme.io"))

    assert [(part.kind, part.turn) for part in scan.parts] == [("credit_card", 1), ("email", 2)]
    assert scan.label == scan.parts[0].label.join(scan.parts[1].label)


def test_what_stands_outside_of_the_messages_is_of_no_turn(scanner):
    assert scanner.scan({"system": CARD, **user("hi")}).parts[0].turn is None
    assert scanner.scan({"system": CARD, **user(CARD)}).parts[0].turn == 0


@pytest.mark.parametrize("values", [frozenset(), frozenset({salted("4539148803436467", "s")})])
def test_an_exception_excuses_and_is_named(scanner, values):
    leave = PolicyException("e1", "o", "r", frozenset({"t"}), 0, 1, frozenset({"credit_card"}), values)
    scan = scanner.scan(user(CARD), (leave,))

    assert scan.label == Label()
    assert scan.excepted == ("e1",)


def test_an_exception_for_another_value_excuses_nothing(scanner):
    leave = PolicyException(
        "e1", "o", "r", frozenset(), 0, 1, frozenset({"credit_card"}), frozenset({salted("5", "s")})
    )
    scan = scanner.scan(user(CARD), (leave,))

    assert (scan.label.data_class, scan.excepted) == (DataClass.RESTRICTED, ())


def test_blobs_of_the_vendor_are_sealed_in_its_own_turns_only(scanner):
    blob = base64.b64encode(CARD.encode()).decode()
    part = {"type": "redacted_thinking", "data": blob}
    sealed = scanner.scan({"messages": [{"role": "assistant", "content": [part]}]})
    forged = scanner.scan({"messages": [{"role": "user", "content": [part]}]})

    assert sealed.sealed == (hashlib.sha256(blob.encode()).hexdigest(),)
    assert sealed.label == Label()
    assert (forged.sealed, forged.label.data_class) == ((), DataClass.RESTRICTED)


def test_signatures_and_encrypted_reasoning_are_sealed(scanner):
    thinking = {"type": "thinking", "thinking": f"card {CARD}", "signature": "c2ln" * 20}
    reasoning = {"type": "reasoning", "encrypted_content": "ZW5j" * 20, "summary": []}
    scan = scanner.scan({"messages": [{"role": "assistant", "content": [thinking]}], "input": [reasoning]})

    assert len(scan.sealed) == 2
    assert [part.kind for part in scan.parts] == ["credit_card"]


def test_spans_are_places_of_the_text_as_it_stands(scanner):
    text = f'{{"a": "x\\n{CARD}"}} \u200b ann.lee@acme.io'
    spans = scanner.spans(text, frozenset({"credit_card", "email"}))

    assert [(text[span.start : span.end], span.kind) for span in spans] == [
        (CARD, "credit_card"),
        ("ann.lee@acme.io", "email"),
    ]
    assert scanner.spans(text, frozenset()) == ()


def test_what_is_encoded_is_a_span_as_a_whole(scanner):
    token = base64.b64encode(f"card {CARD} here".encode()).decode()

    assert scanner.spans(f"see {token} there", frozenset({"credit_card"})) == (
        TextSpan(4, 4 + len(token), "credit_card"),
    )


def test_all_of_many_are_spans(scanner):
    text = " ".join(f"user{number}@acme.io" for number in range(300))

    assert len(scanner.spans(text, frozenset({"email"}))) == 300


def test_a_number_inside_of_a_surer_one_does_not_count(scanner):
    assert [part.kind for part in scanner.scan(user("DE89 3704 0044 0532 0130 00")).parts] == ["iban"]


def test_a_scanner_is_made_once():
    assert scanner_for(PLAIN) is scanner_for(SensitivitySpec())
    assert isinstance(scanner_for(PLAIN).scan(user(CARD)).parts[0], Part)


def test_what_lies_beside_a_seam_is_where_it_is_and_counts_once(scanner):
    parts = [{"type": "text", "text": "write to her now"}, {"type": "text", "text": f" {CARD} is the card"}]
    findings = scanner.scan({"messages": [{"role": "user", "content": parts}]}).findings

    assert [(one.path, one.start) for one in findings] == [("messages[0].content[1].text", 1)]
