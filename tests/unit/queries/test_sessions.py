"""What is kept of conversations is found by session, by hash, and by decision."""

import pytest

from gateway.domain.label import DataClass, Label, Part
from gateway.pipeline.salt import Salt
from gateway.queries.sessions import Held, as_json, forgotten, found, held
from gateway.sensitivity.forgetting import Forgotten
from gateway.sensitivity.origins import Origin
from gateway.settings import MEMORY
from gateway.stores.data_dir import DataDir

SALT = b"salt"
IBAN = Part("iban\x1fabc", Label(DataClass.RESTRICTED))
MADE = Origin("iban", "dec_1", 100).as_part()
SESSION = Held("t", "s:" + Salt(SALT).hash("session", "t", "x"), (IBAN,))
PLACE = Held("t", "p:1", (IBAN, MADE))


def test_the_same_id_of_another_team_is_another_session():
    other = Held("u", "s:" + Salt(SALT).hash("session", "u", "x"), (IBAN,))
    assert found([SESSION, other, PLACE], "x", SALT) == [SESSION, other]
    assert found([SESSION, PLACE], "y", SALT) == []


def test_a_decision_finds_what_it_brought():
    assert found([SESSION, PLACE], "dec_1", SALT) == [PLACE]


def test_a_row_names_kinds_without_whose_they_are():
    row = as_json(PLACE)
    assert [(one["kind"], one["decision"]) for one in row["carries"]] == [("iban", "dec_1")]
    assert as_json(SESSION)["carries"][0]["decision"] is None


def test_a_session_is_forgotten_whole_and_a_decision_alone():
    assert list(forgotten([SESSION], "x")) == [Forgotten("t", SESSION.key)]
    assert list(forgotten([PLACE], "dec_1")) == [Forgotten("t", "p:1", "dec_1")]


def test_without_a_journal_there_is_nothing_to_look_in(tmp_path):
    with pytest.raises(FileNotFoundError):
        held(DataDir(tmp_path), MEMORY)
