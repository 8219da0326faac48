"""``gateway ledger verify``: 0 for right books, 1 for wrong ones, 2 for unreadable ones."""

import json

import pytest
from click.testing import CliRunner
from support.books import attempt, chained, decision_made, draft, request, sent, write

from gateway.cli.ledger.main import command
from gateway.stores.chain.anchors import Head
from gateway.stores.data_dir import DataDir


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    directory = DataDir(tmp_path / "data")
    directory.ensure()
    return directory


def verify(data, *arguments):
    return CliRunner().invoke(command, ["verify", "--data-dir", str(data.path), *arguments])


def test_right_books(data):
    write(data, *request(1))
    result = verify(data)

    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert (report["ok"], report["requests"], report["cost_usd"]) == (True, 1, "0.000000777")
    assert "the ledger is correct" in verify(data, "--format", "table").stdout


def test_where_there_are_no_books_nothing_is_verified(data):
    result = verify(data)

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"there is no ledger in {data.path}" in result.stderr


def test_it_says_which_books_it_read(data):
    write(data, *request(1))

    assert json.loads(verify(data).stdout)["ledger"] == str(data.path)
    assert f"ledger {data.path}" in verify(data, "--format", "table").stdout


def test_books_that_a_killed_gateway_left_open(data):
    write(data, decision_made(1), attempt(1))
    result = verify(data)

    assert result.exit_code == 1
    assert [problem["kind"] for problem in json.loads(result.stdout)["problems"]] == ["orphan", "unfinished"]
    assert "the next start settles it" in verify(data, "--format", "table").stdout


def test_unreadable_books(data):
    data.ledger.write_text("notes " * 1000)
    result = verify(data)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot be used" in result.stderr


def test_an_anchor_is_held_against_the_chains(data, tmp_path):
    (entry,) = chained(draft(1))
    write(data, *sent(entry))
    anchors = tmp_path / "anchors"
    anchors.write_text(Head("egr_a", 1, entry.hash, 1).line())
    assert verify(data, "--anchor", str(anchors)).exit_code == 0
    assert "1 receipts in 1 chains" in verify(data, "--format", "table").stdout
    anchors.write_text(Head("egr_a", 1, "0" * 64, 1).line())
    result = verify(data, "--anchor", str(anchors))
    assert (result.exit_code, json.loads(result.stdout)["problems"][0]["kind"]) == (1, "anchor")
    assert verify(data, "--anchor", str(tmp_path / "gone")).exit_code == 2
