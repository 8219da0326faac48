"""Detectors of a policy: pattern, context, checksum."""

import pytest

from gateway.domain.label import Category, DataClass, Label
from gateway.domain.sensitivity import CustomSpec, SensitivitySpec
from gateway.patterns.engine import ENGINES
from gateway.sensitivity.scan import Scanner

LEGAL = frozenset({Category.LEGAL})


def label(text: str, engine: str | None = None, **changes) -> Label:
    spec = CustomSpec(
        **{"id": "code", "pattern": r"PRJ-\d{5}", "data_class": DataClass.CONFIDENTIAL, "categories": LEGAL, **changes}
    )
    return Scanner(SensitivitySpec(custom=(spec,)), engine=engine).classify(text)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_pattern_raises_its_class_and_category(engine):
    assert label("see PRJ-12345", engine) == Label(DataClass.CONFIDENTIAL, LEGAL)
    assert label("see PRJ-1234", engine) == Label()


def test_context_must_stand_near():
    assert label("Ticket PRJ-12345", context=("ticket",)) != Label()
    assert label("PRJ-12345", context=("ticket",)) == Label()
    assert label("ticket" + " " * 50 + "PRJ-12345", context=("ticket",), within=10) == Label()


@pytest.mark.parametrize(
    ("validator", "good", "bad"),
    [
        ("luhn", "79927398713", "79927398710"),
        ("verhoeff", "2363", "2364"),
        ("mod97", "9999123456789012141490", "9999123456789012141491"),
        ("mod11", "079X", "0791"),
    ],
)
def test_a_checksum_must_hold(validator, good, bad):
    options = {"pattern": r"[0-9X]{4,22}", "validator": validator}
    assert label(f"n {good}", **options) != Label()
    assert label(f"n {bad}", **options) == Label()


def test_how_many_and_which_do_not_count():
    assert label("PRJ-12345", min_distinct=2) == Label()
    assert label("PRJ-12345 PRJ-12346", min_distinct=2) != Label()
    assert label("PRJ-12345", ignore=("PRJ-123*",)) == Label()


def test_places_are_those_of_the_text_in_any_script():
    spec = CustomSpec("code", r"PRJ-\d{5}", DataClass.CONFIDENTIAL)
    text = "漢字é PRJ-12345"
    (span,) = Scanner(SensitivitySpec(custom=(spec,))).spans(text, frozenset({"custom:code"}))

    assert text[span.start : span.end] == "PRJ-12345"


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("号PRJ-12345的", {"pattern": r"\bPRJ-\d{5}\b"}),
        ("и когда это", {"pattern": "когда"}),
        ("и КОГДА это", {"pattern": "(?i)когда"}),
        ("договор PRJ-12345", {"context": ("договор",)}),
        ("合同密码 PRJ-12345", {"context": ("密码",)}),
        ("Größe 5", {"pattern": "Größe [0-9]"}),
    ],
)
def test_patterns_and_words_of_every_script_match_what_they_say(text, options):
    assert label(text, **options) != Label()


def test_a_text_of_nothing_but_matches_is_no_load():
    assert label("a" * 100_000, pattern="a") != Label()
