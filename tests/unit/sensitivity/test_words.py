"""Word lists: whole words, names of several words, any number of them."""
# ruff: noqa: RUF001 -- other scripts are what this is about

import pytest

from gateway.domain.label import DataClass
from gateway.domain.sensitivity import SensitivitySpec, WordListSpec
from gateway.sensitivity.scan import Scanner, scanner_for

NAMES = ("Project Blue Heron", "Müller", "R&D-7", "Zyxar")


def spec(*, exact=False) -> SensitivitySpec:
    return SensitivitySpec(word_lists=(WordListSpec("names", NAMES, DataClass.CONFIDENTIAL, case_sensitive=exact),))


def found(text: str, **options) -> list[str]:
    scanner = Scanner(spec(**options))
    return [text[span.start : span.end] for span in scanner.spans(text, frozenset({"word_list:names"}))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("about project blue heron, again", ["project blue heron"]),
        ("Project\nBlue  Heron", ["Project\nBlue  Heron"]),
        ("Frau Müller und 漢字 MÜLLER", ["Müller", "MÜLLER"]),
        ("the r&d-7 line", ["r&d-7"]),
        ("zyxar's", ["zyxar"]),
        ("r d 7, zyxars, blue heron", []),
        ("", []),
    ],
)
def test_names_are_found_as_whole_words(text, words):
    assert found(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("请问Zyxar公司", ["Zyxar"]),
        ("关于蓝鹭的合同", ["蓝鹭"]),
        ("블루헤론은 좋다", ["블루헤론"]),
        ("договор с ИВАНОВ", ["ИВАНОВ"]),
        ("蓝色的鹭", []),
        ("Zyxarский", []),
        ("契約はブルー様", ["ブルー"]),
    ],
)
def test_a_name_is_found_in_scripts_without_spaces(text, words):
    names = ("Zyxar", "蓝鹭", "블루헤론", "Иванов", "ブルー")
    scanner = Scanner(SensitivitySpec(word_lists=(WordListSpec("names", names, DataClass.CONFIDENTIAL),)))

    assert [text[span.start : span.end] for span in scanner.spans(text, frozenset({"word_list:names"}))] == words


def test_letter_case_can_matter():
    assert found("zyxar Zyxar", exact=True) == ["Zyxar"]


def test_the_label_is_the_list_s():
    scan = scanner_for(spec()).scan({"messages": [{"role": "user", "content": "ask Zyxar"}]})

    assert scan.parts[0].kind == "word_list:names"
    assert scan.label.data_class is DataClass.CONFIDENTIAL
