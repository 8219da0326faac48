"""What a decision brought can be taken back; what another brought stays."""

from gateway.domain.label import DataClass, Label
from gateway.sensitivity.forgetting import Forgotten, without
from gateway.sensitivity.origins import Origin

LABEL = Label(DataClass.RESTRICTED)
IBAN, MAIL, AGAIN = Origin("iban", "dec_1", 1), Origin("email", "dec_2", 2), Origin("iban", "dec_3", 3)


def labels(*kinds, origins=()):
    return dict.fromkeys(kinds, LABEL) | {one.as_part().kind: Label() for one in origins}


def test_without_a_decision_nothing_is_left():
    assert without(labels("iban", origins=[IBAN]), Forgotten("t", "s:1")) == {}


def test_of_a_decision_only_what_it_brought_is_gone():
    left = without(labels("iban", "email", origins=[IBAN, MAIL]), Forgotten("t", "s:1", "dec_1"))
    assert left == labels("email", origins=[MAIL])


def test_what_another_decision_brought_as_well_stays():
    left = without(labels("iban", origins=[IBAN, AGAIN]), Forgotten("t", "s:1", "dec_1"))
    assert left == labels("iban", origins=[AGAIN])


def test_what_belongs_to_one_caller_is_gone_too():
    assert without(labels("iban\x1fabc", origins=[IBAN]), Forgotten("t", "p:1", "dec_1")) == {}


def test_values_that_are_masked_stay():
    trace = "trace:email|a|4|0|9|b"
    assert without(labels(trace, "iban", origins=[IBAN]), Forgotten("t", "s:1", "dec_1")) == labels(trace)
