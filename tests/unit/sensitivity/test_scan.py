"""The label of a request: every detector over every text; doubt goes upwards."""

import re
from base64 import b64encode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.domain.label import Category, DataClass, Label
from gateway.domain.sensitivity import DetectorSpec, SensitivitySpec
from gateway.sensitivity.decode import Openings
from gateway.sensitivity.detectors import DETECTORS
from gateway.sensitivity.finding import Hit, trigger
from gateway.sensitivity.scan import KINDS, Scanner, classify_text, scan_request
from gateway.sensitivity.tally import ENOUGH

PLAIN = SensitivitySpec()
CARD = "4539 1488 0343 6467"
SAMPLES = {
    "secret": "sk-ant-api03-Zq7Rk4Ab1Xw9Lm3Pt5Vn",
    "credit_card": CARD,
    "iban": "DE89 3704 0044 0532 0130 00",
    "us_ssn": "219-09-9999",
    "national_id": "RSSMRA85T10A562S",
    "passport": "C01X00T47",
    "email": "ann@blue-heron.net",
    "phone": "+44 20 7946 0958",
    "medical_record": "00123456",
    "account_number": "1234567890",
    "ip_address": "10.20.30.40",
}
LABELS = {"passport": "passport", "medical_record": "MRN", "account_number": "account number"}


def ask(text) -> dict:
    return {"messages": [{"role": "user", "content": text}]}


def with_setting(kind: str, **changes) -> SensitivitySpec:
    return SensitivitySpec(detectors=(DetectorSpec(kind, **changes),))


def broken(*_arguments):
    raise RuntimeError


class Broken:
    kind, data_class, categories, min_distinct = "broken", DataClass.INTERNAL, frozenset(), 1
    likely_class = DataClass.INTERNAL
    triggers = (trigger("a", broken),)


class Letters:
    """Finds every letter a, b, and c."""

    kind, data_class, categories, min_distinct = "letters", DataClass.INTERNAL, frozenset({Category.HR}), 1
    likely_class = DataClass.INTERNAL
    triggers = (trigger("[abc]", lambda _text, end: Hit(end - 1, end)),)


def test_there_is_a_sample_of_every_kind():
    assert set(SAMPLES) == set(KINDS)


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.kind)
def test_a_finding_raises_the_class_and_adds_the_categories(detector):
    found = scan_request(ask(f"{LABELS.get(detector.kind, 'see')} {SAMPLES[detector.kind]} there"), PLAIN)
    assert found.label == Label(detector.data_class, detector.categories)
    (finding,) = found.findings
    start = len(LABELS.get(detector.kind, "see")) + 1
    assert (finding.detector, finding.path) == (detector.kind, "messages[0].content")
    assert finding.as_json() == {
        "detector": detector.kind,
        "path": "messages[0].content",
        "span": [start, start + len(SAMPLES[detector.kind])],
    }


@given(st.sampled_from(sorted(SAMPLES)), st.sampled_from(sorted(SAMPLES)))
def test_two_texts_have_the_join_of_their_labels(one, other):
    together = classify_text(f"{SAMPLES[one]} and {SAMPLES[other]}", PLAIN)
    assert together == classify_text(SAMPLES[one], PLAIN).join(classify_text(SAMPLES[other], PLAIN))


@given(st.text(st.characters(categories=["L", "Zs"]), max_size=40), st.sampled_from(sorted(SAMPLES.values())))
def test_more_text_around_it_never_lowers_a_label(text, sample):
    if sample == SAMPLES["ip_address"]:  # what follows such a word is a version, whatever it looks like
        assume(not re.search(r"(?:version|ver|\bv|release)\s*$", f"{text} ".lower()))
    assert classify_text(f"{text} {sample} {text}", PLAIN).covers(classify_text(f" {sample} ", PLAIN))


@given(st.text())
def test_no_text_crashes_a_detector(text):
    assert not any(finding.detector.endswith(":failed") for finding in scan_request(ask(text), PLAIN).findings)


class TestPolicy:
    """What policy may change."""

    def test_a_class(self):
        assert (
            classify_text(CARD, with_setting("credit_card", data_class=DataClass.PUBLIC)).data_class is DataClass.PUBLIC
        )

    def test_off(self):
        assert classify_text(CARD, with_setting("credit_card", enabled=False)) == Label()

    def test_how_many_distinct_ones_it_takes(self):
        spec = with_setting("email", min_distinct=2)
        assert classify_text("ann@blue-heron.net ann@blue-heron.net", spec) == Label()
        assert classify_text("ann@blue-heron.net bob@blue-heron.net", spec).data_class is DataClass.CONFIDENTIAL

    def test_what_does_not_count(self):
        spec = with_setting("email", ignore=("ann@*",))
        assert classify_text("ann@blue-heron.net", spec) == Label()
        assert classify_text("ann@blue-heron.net bob@blue-heron.net", spec).data_class is DataClass.CONFIDENTIAL

    @pytest.mark.parametrize("level", list(DataClass))
    def test_what_cannot_be_scanned(self, level):
        found = scan_request(ask([{"type": "image"}]), SensitivitySpec(on_unscannable=level))
        assert found.label == Label(level)
        assert found.findings[0].as_json() == {
            "detector": "unscannable:image",
            "path": "messages[0].content[0]",
            "span": [0, 0],
        }


class TestFailsClosed:
    """A broken detector may have missed anything."""

    def test_it_counts_as_restricted_and_the_others_go_on(self):
        found = Scanner(PLAIN, (Broken(), Letters())).scan(ask("banana split"))
        assert found.label == Label(DataClass.RESTRICTED, frozenset({Category.HR}))
        assert "broken:failed" in {finding.detector for finding in found.findings}


class TestBounds:
    """A text of nothing but findings is no load."""

    def test_evidence_is_bounded(self):
        assert len(scan_request(ask(" ".join(f"u{n}@blue-heron.net" for n in range(500))), PLAIN).findings) == 32

    def test_counting_ends_when_the_label_is_certain(self):
        seen = []

        class Counting(Letters):
            triggers = (trigger("[abc]", lambda _text, end: seen.append(end) or Hit(end - 1, end)),)

        Scanner(PLAIN, (Counting(),)).scan(ask("a" * 3000))
        assert len(seen) == ENOUGH

    def test_but_not_before_enough_distinct_ones_were_seen(self):
        spec = with_setting("letters", min_distinct=3)
        assert Scanner(spec, (Letters(),)).scan(ask("a" * 3000 + "bc")).label.data_class is DataClass.INTERNAL
        assert Scanner(spec, (Letters(),)).scan(ask("a" * 3000 + "b")).label.data_class is DataClass.PUBLIC

    def test_and_never_before_the_first_turn_of_another_alphabet_was_seen(self):
        turns = [{"role": "user", "content": "é a"}, {"role": "user", "content": "a " * 1000}]
        assert Scanner(PLAIN, (Letters(),)).scan({"messages": turns}).parts[0].turn == 0

    def test_more_places_to_look_at_than_one_can_are_unscannable(self):
        found = Scanner(PLAIN, (Letters(),)).scan(ask("a" * 9000))
        assert found.label.data_class is DataClass.RESTRICTED
        assert found.findings[0].detector == "unscannable:flood"

    def test_more_encoded_pieces_than_one_can_open_are_unscannable_on_whatever_level_they_are(self):
        def nested(number: int) -> str:
            inner = f"hello there {number} this is a text".encode()
            return b64encode(b64encode(inner)).decode()

        found = scan_request(ask(" ".join(map(nested, range(3000)))), PLAIN)
        assert found.findings[0].detector == "unscannable:flood"
        assert scan_request(ask(" ".join(map(nested, range(300)))), PLAIN).label.data_class is DataClass.PUBLIC

    def test_what_breaks_while_it_is_opened_is_unscannable(self, monkeypatch):
        monkeypatch.setattr(Openings, "at", broken)
        found = scan_request(ask("see aGVsbG8gdGhlcmUgdGhpcyBpcyBh now"), PLAIN)
        assert found.findings[0].detector == "unscannable:encoded"

    def test_the_size_of_the_text_is_given_in_bytes(self):
        assert scan_request({"model": "aé"}, PLAIN).text_bytes == 3


def test_a_placeholder_is_no_finding_also_where_an_answer_was_cut_off_in_it():
    """As a finding it would be remembered, and the conversation's next request could not be sent masked."""
    for left in range(13):
        text = f"client_secret = MASKED_SECRET_{'88858d4f43ff'[:left]}"
        assert scan_request({"messages": [{"role": "user", "content": text}]}, PLAIN).findings == (), text
