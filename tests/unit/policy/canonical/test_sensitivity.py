"""Detectors and word lists of a policy reach the scanner, and a snapshot of before them still loads."""

from gateway.domain.label import Category, DataClass
from gateway.domain.sensitivity import CustomSpec, WordListSpec
from gateway.policy.canonical.sensitivity import sensitivity_data, sensitivity_spec
from gateway.policy.document.labelling import SensitivityBlock

BLOCK = SensitivityBlock.model_validate(
    {
        "mode": {"teams": {"b": "observe", "a": "enforce"}},
        "detectors": [
            {"kind": "phone", "enabled": False},
            {
                "kind": "custom",
                "id": "project-code",
                "pattern": r"PRJ-\d{5}",
                "class": "confidential",
                "categories": ["legal"],
                "context": ["ticket"],
                "validator": "luhn",
            },
            {"kind": "email", "min_distinct": 3},
        ],
        "word_lists": [{"id": "customers", "class": "internal", "words": ["Blue Heron"]}],
    }
)


def test_everything_arrives_and_can_be_hashed():
    spec = sensitivity_spec(sensitivity_data(BLOCK))

    assert [each.kind for each in spec.detectors] == ["email", "phone"]
    assert spec.team_modes == (("a", "enforce"), ("b", "observe"))
    assert spec.custom == (
        CustomSpec(
            "project-code",
            r"PRJ-\d{5}",
            DataClass.CONFIDENTIAL,
            frozenset({Category.LEGAL}),
            ("ticket",),
            validator="luhn",
        ),
    )
    assert spec.word_lists == (WordListSpec("customers", ("Blue Heron",), DataClass.INTERNAL),)
    assert isinstance(hash(spec), int)


def test_data_of_before_lists_still_load():
    data = sensitivity_data(SensitivityBlock())
    del data["custom"], data["word_lists"]

    assert sensitivity_spec(data).custom == ()
