"""Whether a target may see a request: as it is, masked, by exception, or not at all; the narrowest way first."""

import pytest

from gateway.domain.facts import Facts
from gateway.domain.label import Category, DataClass, Label, Part
from gateway.policy.decide.evaluate import decide
from gateway.policy.permission import AS_IT_IS, Permission, excepting, permission
from tests.unit.policy.conftest import closed, local

MAIL = Part("email", Label(DataClass.CONFIDENTIAL, frozenset({Category.PII})))
CARD = Part("credit_card", Label(DataClass.RESTRICTED, frozenset({Category.PCI})))
TRIAL = {
    "id": "trial", "owner": "ann", "reason": "r", "teams": ["t"], "from": "2026-11-01", "until": "2026-12-01",
    "targets": ["away"], "max": "confidential", "categories": ["pii"],
}  # fmt: skip


def facts(*parts, floor=DataClass.PUBLIC, **more):
    label = Label(floor)
    for part in parts:
        label = label.join(part.label)
    return Facts("t", "k", "auto", "openai.chat", label=label, floor=Label(floor), parts=parts, **more)


@pytest.fixture
def asked(make):
    def ask(known, exceptions=(), **clearance):
        away = closed("away", clearance={"max": "internal"} | clearance)
        snapshot = make(targets=[local("home"), away], exceptions=list(exceptions))
        return permission(snapshot.targets["away"], known, snapshot.teams["t"])

    return ask


def test_what_it_is_cleared_for_it_sees_as_it_is(asked):
    assert asked(facts()) is AS_IT_IS


def test_what_may_be_masked_is(asked):
    assert asked(facts(MAIL), mask=["email"]) == Permission(masked=True)


def test_what_may_be_masked_is_not_enough_if_something_else_is_there(asked):
    assert asked(facts(MAIL, CARD), mask=["email"]).refusal
    assert asked(facts(MAIL), mask=["credit_card"]).refusal


def test_masking_lifts_nothing_of_the_floor(asked):
    assert asked(facts(MAIL, floor=DataClass.CONFIDENTIAL), mask=["email"]).refusal


def test_an_exception_that_is_held_permits(asked):
    assert asked(facts(MAIL, exceptions=("trial",)), [TRIAL]) == Permission(exception="trial")
    assert asked(facts(MAIL), [TRIAL]).refusal
    assert asked(facts(CARD, exceptions=("trial",)), [TRIAL]).refusal


def test_masking_goes_before_an_exception(asked):
    assert asked(facts(MAIL, exceptions=("trial",)), [TRIAL], mask=["email"]).masked


def test_phi_needs_a_baa(asked):
    phi = Part("medical_record", Label(DataClass.INTERNAL, frozenset({Category.PHI})))
    assert "phi without baa" in asked(facts(phi)).refusal
    assert asked(facts(phi), contracts=["baa"]) is AS_IT_IS


def test_a_team_that_nobody_knows_has_no_exceptions(make):
    snapshot = make(exceptions=[TRIAL])
    assert excepting(snapshot.targets["away"], MAIL.label, ("trial",), None) is None


class TestDecision:
    """What is not seen as it is, is in the decision."""

    def test_it_names_who_sees_it_masked_and_who_by_which_exception(self, make):
        targets = [local("home"), closed("away"), closed("cover", clearance={"max": "internal", "mask": ["email"]})]
        models = [{"name": "auto", "candidates": ["home", "away", "cover"]}]
        snapshot = make(targets=targets, models=models, exceptions=[TRIAL])
        decision = decide(snapshot, facts(MAIL, exceptions=("trial",)))
        assert decision.masked == ("cover",)
        assert decision.excepted == (("away", "trial"),)

    def test_an_observed_team_is_neither_masked_nor_excepted(self, make):
        targets = [local("home"), closed("away", clearance={"max": "internal", "mask": ["email"]})]
        decision = decide(make(targets=targets, sensitivity={"mode": "observe"}), facts(MAIL))
        assert decision.masked == ()

    def test_without_any_the_record_is_what_it_was_before_there_were_such_fields(self, make):
        decision = decide(make(), facts())
        assert "masked" not in decision.as_record()
        assert b"excepted" not in decision.canonical()
