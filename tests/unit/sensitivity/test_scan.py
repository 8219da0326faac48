"""The label of a request: every detector over every text; doubt goes upwards."""

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.label import Category, DataClass, Label
from gateway.domain.sensitivity import DetectorSpec, SensitivitySpec
from gateway.sensitivity.detectors import DETECTORS
from gateway.sensitivity.finding import Hit
from gateway.sensitivity.scan import _ODD, KINDS, Scanner, classify_text, readable, scan_request

PLAIN = SensitivitySpec()
CARD = "4111 1111 1111 1111"
SAMPLES = {
    "secret": "sk-ant-api03-" + "a" * 24,
    "credit_card": CARD,
    "iban": "DE89 3704 0044 0532 0130 00",
    "us_ssn": "219-09-9999",
    "email": "ann@example.org",
}


def ask(text) -> dict:
    return {"messages": [{"role": "user", "content": text}]}


def with_setting(kind: str, **changes) -> SensitivitySpec:
    return SensitivitySpec(detectors=(DetectorSpec(kind, **changes),))


class Broken:
    kind, data_class, categories, min_digits = "broken", DataClass.INTERNAL, frozenset(), 0

    def scan(self, text):
        raise RuntimeError


class Letters:
    """Finds every letter a."""

    kind, data_class, categories, min_digits = "letters", DataClass.INTERNAL, frozenset({Category.HR}), 0

    def scan(self, text):
        return (Hit(place, place + 1) for place, letter in enumerate(text) if letter in "abc")


def test_there_is_a_sample_of_every_kind():
    assert set(SAMPLES) == set(KINDS)


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.kind)
def test_a_finding_raises_the_class_and_adds_the_categories(detector):
    found = scan_request(ask(f"see {SAMPLES[detector.kind]} there"), PLAIN)
    assert found.label == Label(detector.data_class, detector.categories)
    (finding,) = found.findings
    assert (finding.detector, finding.path) == (detector.kind, "messages[0].content")
    assert finding.as_json() == {
        "detector": detector.kind,
        "path": "messages[0].content",
        "span": [4, 4 + len(SAMPLES[detector.kind])],
    }


@given(st.sampled_from(sorted(SAMPLES)), st.sampled_from(sorted(SAMPLES)))
def test_two_texts_have_the_join_of_their_labels(one, other):
    together = classify_text(f"{SAMPLES[one]} and {SAMPLES[other]}", PLAIN)
    assert together == classify_text(SAMPLES[one], PLAIN).join(classify_text(SAMPLES[other], PLAIN))


@given(st.text(max_size=40), st.sampled_from(sorted(SAMPLES.values())))
def test_more_text_around_it_never_lowers_a_label(text, sample):
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
        assert classify_text("ann@example.org ann@example.org", spec) == Label()
        assert classify_text("ann@example.org bob@example.org", spec).data_class is DataClass.CONFIDENTIAL

    def test_what_does_not_count(self):
        spec = with_setting("email", ignore=("*@corp.example",))
        assert classify_text("ann@corp.example", spec) == Label()
        assert classify_text("ann@corp.example bob@example.org", spec).data_class is DataClass.CONFIDENTIAL

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
        assert len(scan_request(ask(" ".join(f"u{n}@example.org" for n in range(500))), PLAIN).findings) == 32

    def test_counting_ends_when_the_label_is_certain(self):
        seen = []

        class Counting(Letters):
            def scan(self, text):
                for hit in super().scan(text):
                    seen.append(hit)
                    yield hit

        Scanner(PLAIN, (Counting(),)).scan(ask("a" * 5000))
        assert len(seen) == 32

    def test_but_not_before_enough_distinct_ones_were_seen(self):
        spec = with_setting("letters", min_distinct=3)
        assert Scanner(spec, (Letters(),)).scan(ask("a" * 5000 + "bc")).label.data_class is DataClass.INTERNAL
        assert Scanner(spec, (Letters(),)).scan(ask("a" * 5000 + "b")).label.data_class is DataClass.PUBLIC

    def test_the_size_of_the_text_is_told_in_bytes(self):
        assert scan_request({"model": "aé"}, PLAIN).text_bytes == 3


class TestReadable:
    """Text as a reader sees it."""

    @pytest.mark.parametrize(
        "written",
        [
            "\uff14\uff11\uff11\uff11 \uff11\uff11\uff11\uff11 \uff11\uff11\uff11\uff11 \uff11\uff11\uff11\uff11",
            "\u0664\u0661\u0661\u0661 \u0661\u0661\u0661\u0661 \u0661\u0661\u0661\u0661 \u0661\u0661\u0661\u0661",
            "4111\u20111111\u20111111\u20111111",
            "4111\u20131111\u20131111\u20131111",
            "4111\u00a01111\u20091111\u202f1111",
            "4\u200b1\u200b1\u200b1\u200d 1111 1111\ufe0f 1111",
            "4111\u00ad1111\u20601111\ufeff1111",
            "\U0001d7d2\U0001d7cf\U0001d7cf\U0001d7cf 1111 1111 1111",
            r"\u0034111 1111 1111 1111",
            r"\\u0034111 1111 1111 1111",
        ],
    )
    def test_a_number_in_disguise_is_a_number(self, written):
        assert classify_text(written, PLAIN).data_class is DataClass.RESTRICTED

    @pytest.mark.parametrize("sample", sorted(SAMPLES.values()))
    @pytest.mark.parametrize("before", ["\n", "\t", "\r\n", '"', "/"])
    def test_json_inside_a_string_is_undone(self, sample, before):
        arguments = json.dumps({"content": f"x{before}{sample}{before}x"})
        twice = json.dumps({"outer": arguments})
        plain = classify_text(f"x{before}{sample}{before}x", PLAIN)
        assert classify_text(arguments, PLAIN) == plain == classify_text(twice, PLAIN)

    def test_every_character_that_nobody_sees_and_every_digit_is_known(self):
        for code in range(0x80, sys.maxunicode + 1):
            if unicodedata.category(chr(code)) in {"Cf", "Nd"}:
                assert _ODD.fullmatch(chr(code)), hex(code)

    @given(st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="\\")))
    def test_plain_text_stays(self, text):
        assert readable(text) == text

    @given(st.text())
    def test_no_text_crashes_it_and_no_half_of_a_pair_comes_out(self, text):
        readable(text + r"\ud83d\ude00 \uDC00 \u00e9").encode()
