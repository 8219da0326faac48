"""What is to be forgotten is asked for in whole files."""

from gateway.sensitivity.forgetting import Forgotten
from gateway.stores.sessions.forgetting import ask, asked

WANTED = [Forgotten("t", "s:1", "dec_1"), Forgotten("t", "p:2")]


def test_what_was_asked_for_is_there_until_its_file_is_removed(tmp_path):
    ask(tmp_path / "forgetting", WANTED)
    ((path, wanted),) = asked(tmp_path / "forgetting")
    assert wanted == WANTED
    path.unlink()
    assert list(asked(tmp_path / "forgetting")) == []


def test_a_folder_that_is_not_there_asks_nothing(tmp_path):
    assert list(asked(tmp_path / "none")) == []


def test_a_bad_file_asks_nothing_and_can_be_removed(tmp_path):
    (tmp_path / "x.json").write_text("{")
    ((path, wanted),) = asked(tmp_path)
    assert wanted == []
    path.unlink()
