"""A disputed finding comes with the exception that would excuse it, once its values are filled in."""

import pytest
import yaml

from gateway.domain.records import Action
from gateway.policy.document.exceptions import ExceptionBlock
from gateway.reports.disputes import proposal, rows

NOW = 1_795_348_800
NS = 1_000_000_000


def dispute(decision, at, team="t", detector="iban"):
    said = {"team": team, "findings": [{"detector": detector, "path": "messages[0].content"}]}
    return Action(f"act_{at}", at * NS, "key_1", "caller", "api", "decision.dispute", decision, None, said)


def test_the_newest_comes_first_and_a_decision_once():
    found = rows([dispute("dec_1", 1), dispute("dec_2", 2), dispute("dec_1", 3)], NOW)
    assert [row["decision"] for row in found] == ["dec_2", "dec_1"]


def test_only_those_of_a_team():
    assert [row["team"] for row in rows([dispute("dec_1", 1), dispute("dec_2", 2, "u")], NOW, team="u")] == ["u"]


def test_the_proposal_is_an_exception_once_its_blanks_are_filled():
    text = proposal("dec_01k9c2x4qgp8s4m2", "support", ["iban", "custom:ticket"], NOW)
    filled = text.replace("owner: #", "owner: ann #").replace("…", "s1:" + "0" * 32)
    (block,) = yaml.safe_load(f"exceptions:\n{filled}")["exceptions"]
    made = ExceptionBlock.model_validate(block)
    assert made.detectors == ("iban", "custom:ticket")
    assert made.teams == ("support",)


def test_without_its_value_it_is_refused_at_load():
    (block,) = yaml.safe_load(f"exceptions:\n{proposal('dec_1', 't', ['iban'], NOW)}")["exceptions"]
    with pytest.raises(ValueError, match="values"):
        ExceptionBlock.model_validate(block | {"owner": "ann"})
