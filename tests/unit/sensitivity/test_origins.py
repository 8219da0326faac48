"""A conversation knows which decision made it what it is."""

from gateway.domain.label import DataClass, Label, Part
from gateway.sensitivity.origins import Origin, origins_of

IBAN = Part("iban", Label(DataClass.RESTRICTED))


def test_the_first_decision_of_a_kind_is_its_origin():
    early, late = Origin("iban", "dec_1", 100), Origin("iban", "dec_2", 200)
    assert origins_of([late.as_part(), IBAN, early.as_part()]) == ((IBAN,), (early,))


def test_a_kind_that_is_not_carried_has_none():
    assert origins_of([Origin("iban", "dec_1", 100).as_part()]) == ((), ())


def test_a_kind_may_hold_the_sign_between_the_fields():
    origin = Origin("custom:a|b", "dec_1", 100)
    part = Part("custom:a|b", IBAN.label)
    assert origins_of([part, origin.as_part()]) == ((part,), (origin,))
