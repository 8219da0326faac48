"""Exceptions: who, what, until when; values are known by salted hash only."""

import pytest

from gateway.domain.exceptions import PolicyException, salted
from gateway.domain.label import Category, DataClass, Label

CARD = "4539 1488 0343 6467"


def granting(**changes):
    given = {
        "id": "x",
        "owner": "ann",
        "reason": "test card",
        "teams": frozenset({"support"}),
        "start": 100,
        "end": 200,
    }
    return PolicyException(**given | changes)


@pytest.mark.parametrize(("at", "holds"), [(99, False), (100, True), (199, True), (200, False)])
def test_holds_from_its_start_until_its_end_to_the_second(at, holds):
    assert granting().holds("support", at) is holds


def test_another_team_has_no_part_in_it():
    assert not granting().holds("legal", 150)


def test_a_named_value_is_excused_however_it_is_written():
    exception = granting(detectors=frozenset({"credit_card"}), values=frozenset({salted(CARD, "s1")}))
    assert exception.excuses("credit_card", "4539-1488-0343-6467")
    assert not exception.excuses("credit_card", "5500 0000 0000 0004")
    assert not exception.excuses("secret", CARD)


def test_without_values_every_finding_of_the_detector_is_excused():
    assert granting(detectors=frozenset({"email"})).excuses("email", "ann@blue-heron.net")


def test_the_hash_holds_no_value_and_depends_on_the_salt():
    assert "4111" not in salted(CARD, "s1").partition(":")[2]
    assert salted(CARD, "s1") != salted(CARD, "s2").replace("s2:", "s1:")


@pytest.mark.parametrize(
    ("label", "target", "permitted"),
    [
        (Label(DataClass.CONFIDENTIAL, frozenset({Category.PII})), "gpt", True),
        (Label(DataClass.RESTRICTED, frozenset({Category.PII})), "gpt", False),
        (Label(DataClass.CONFIDENTIAL, frozenset({Category.PHI})), "gpt", False),
        (Label(DataClass.CONFIDENTIAL, frozenset({Category.PII})), "claude", False),
    ],
)
def test_a_target_may_see_what_is_written_and_no_more(label, target, permitted):
    exception = granting(targets=frozenset({"gpt"}), max=DataClass.CONFIDENTIAL, categories=frozenset({Category.PII}))
    assert exception.permits(label, target) is permitted
