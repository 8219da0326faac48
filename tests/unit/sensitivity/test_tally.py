"""Counting: what is only likely counts as policy says."""

import pytest

from gateway.domain.label import DataClass, Label
from gateway.sensitivity.layer import RequestPlace
from gateway.sensitivity.tally import ENOUGH, Tally

PLACE = RequestPlace("messages[0].content", 0, 4, 0)
RESTRICTED, INTERNAL = Label(DataClass.RESTRICTED), Label(DataClass.INTERNAL)


@pytest.mark.parametrize(
    ("findings", "label"),
    [([False], INTERNAL), ([True], RESTRICTED), ([False, True], RESTRICTED), ([True, False], RESTRICTED)],
)
def test_a_sure_finding_outweighs_likely_ones_in_any_order(findings, label):
    tally = Tally("secret", RESTRICTED, 1, (), INTERNAL)
    for number, sure in enumerate(findings):
        tally.add(f"value {number}", PLACE, (), sure=sure)

    assert tally.part().label == label


def test_without_a_label_of_their_own_likely_findings_count_as_sure_ones():
    tally = Tally("secret", RESTRICTED, 1, ())
    tally.add("value", PLACE, (), sure=False)

    assert tally.part().label == RESTRICTED
    assert tally.findings[0].as_json()["certainty"] == "likely"


def test_however_many_likely_findings_there_are_a_sure_one_is_still_looked_for():
    tally = Tally("secret", RESTRICTED, 1, (), INTERNAL)
    for number in range(ENOUGH):
        tally.add(f"value {number}", PLACE, (), sure=False)
    assert not tally.full

    alike = Tally("secret", RESTRICTED, 1, ())
    for number in range(ENOUGH):
        alike.add(f"value {number}", PLACE, (), sure=False)
    assert alike.full
