"""``gateway sessions``: what a conversation carries, why, and how it is forgotten."""

import json

import anyio
import pytest
from click.testing import CliRunner
from support.fakes import Clock

from gateway.bootstrap.state import forget as forget_asked
from gateway.cli.main import cli
from gateway.domain.label import DataClass, Label, Part
from gateway.domain.time_text import utc
from gateway.pipeline.salt import Salt
from gateway.sensitivity.origins import Origin
from gateway.stores.data_dir import DataDir
from gateway.stores.sessions.memory import MemorySessions

IBAN = Part("iban", Label(DataClass.RESTRICTED))
ORIGIN = Origin("iban", "dec_1", 1_800_000_000)


class Now(Clock):
    """A clock beside the real one, by which the commands go."""

    def __init__(self):
        super().__init__()
        import time

        self.wall = time.time_ns()


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    directory = DataDir(tmp_path / "data")
    directory.ensure()
    key = "s:" + Salt(directory.salt_of(None)).hash("session", "t", "refactoring")
    store = MemorySessions(Now(), directory.sessions)
    parts = [IBAN, ORIGIN.as_part(), Part("trace:email|a|4|0|9|b", Label(DataClass.CONFIDENTIAL))]
    anyio.run(store.add, "t", [key, "p:1"], parts)
    anyio.run(store.add, "t", ["s:" + "0" * 16], [IBAN])
    store.close()
    return directory


def run(data, *words):
    return CliRunner().invoke(cli, ["sessions", *words, "--data-dir", str(data.path)])


def shown(data, name):
    return json.loads(run(data, "show", name, "--format", "json").stdout)


def test_a_session_is_shown_by_the_id_that_its_caller_sent(data):
    (row,) = shown(data, "refactoring")
    assert row["of"] == "session"
    assert row["carries"] == [{"kind": "iban", "class": "restricted", "decision": "dec_1", "time": utc(ORIGIN.at)}]
    assert row["masked_values"] == 1


def test_it_is_shown_by_its_hash_and_by_the_decision_too(data):
    (row,) = shown(data, "refactoring")
    assert shown(data, row["key"].removeprefix("s:")) == [row]
    assert [one["of"] for one in shown(data, "dec_1")] == ["session", "place"]
    assert shown(data, "dec_2") == []


def test_a_table_says_what_and_since_when(data):
    text = run(data, "show", "refactoring", "--format", "text").stdout
    assert "iban" in text
    assert "dec_1" in text
    assert "nothing is kept" in run(data, "show", "other", "--format", "text").stdout


def test_what_is_forgotten_is_recorded_and_taken_by_the_gateway(data):
    assert run(data, "forget", "dec_1", "--reason", "our own imprint").exit_code == 0
    store = MemorySessions(Now(), data.sessions)
    anyio.run(forget_asked, store, data.forgetting)
    store.close()
    assert shown(data, "dec_1") == []
    assert len(shown(data, "0" * 16)) == 1
    assert list(data.forgetting.iterdir()) == []
    (row,) = json.loads(
        CliRunner().invoke(cli, ["audit", "list", "--data-dir", str(data.path), "--format", "json"]).stdout
    )
    assert (row["action"], row["subject"], row["after"]) == ("session.forget", "dec_1", {"reason": "our own imprint"})
    assert row["before"] == {"carries": ["iban"]}


def test_a_session_is_forgotten_whole(data):
    run(data, "forget", "refactoring", "--reason", "x")
    store = MemorySessions(Now(), data.sessions)
    anyio.run(forget_asked, store, data.forgetting)
    store.close()
    assert shown(data, "refactoring") == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("forget", "refactoring"), "--reason"),
        (("forget", "refactoring", "--reason", " "), "--reason is empty"),
        (("forget", "nobody", "--reason", "x"), "nothing is kept for nobody"),
    ],
)
def test_nothing_is_forgotten_without_a_reason_or_a_name_that_is_known(data, words, message):
    result = run(data, *words)
    assert result.exit_code == 2
    assert message in result.output


def test_where_no_gateway_kept_anything_it_says_so(tmp_path):
    result = CliRunner().invoke(cli, ["sessions", "show", "x", "--data-dir", str(tmp_path / "none")])
    assert result.exit_code == 2
    assert "no gateway has kept conversations" in result.output
