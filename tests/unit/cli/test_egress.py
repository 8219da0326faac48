"""``gateway egress prove``: 0 for nothing, 1 for something, 2 for unreadable books, 3 for doubt."""

import json

import pytest
from click.testing import CliRunner
from support.books import chained, draft, sent, write, write_chain

from gateway.cli.egress import command
from gateway.stores.chain.anchors import Head
from gateway.stores.data_dir import DataDir

CHAIN = chained(draft(1), draft(2, data_class="confidential", categories=("pii",), exceptions=("x",), observed=True))


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    directory = DataDir(tmp_path / "data")
    directory.ensure()
    return directory


def prove(data, *arguments):
    return CliRunner().invoke(command, ["prove", "--data-dir", str(data.path), *arguments])


def test_nothing_left(data):
    write(data, *sent(*CHAIN))
    result = prove(data)

    assert result.exit_code == 0
    proof = json.loads(result.stdout)
    assert (proof["left"], proof["evidence_whole"], proof["sends"]) == (0, True, [])
    assert {group["data_class"]: group["calls"] for group in proof["sent"]} == {"public": 1, "confidential": 1}
    assert "nothing of class restricted or above was sent" in prove(data, "--format", "table").stdout


def test_a_proof_names_its_ledger_and_what_it_read(data):
    write(data, *sent(*CHAIN))
    proof = json.loads(prove(data).stdout)

    assert proof["ledger"] == str(data.path)
    assert proof["evidence"]["entries"] == 2
    assert proof["evidence"]["first"] <= proof["evidence"]["last"]
    assert f"ledger {data.path}: calls from" in prove(data, "--format", "table").stdout


def test_an_empty_proof_says_that_it_read_nothing(data):
    write_chain(data, ())
    result = prove(data)

    assert (result.exit_code, json.loads(result.stdout)["evidence"]["first"]) == (0, None)
    assert "no call to a vendor is on record" in prove(data, "--format", "table").stdout


def test_nothing_is_proved_about_a_place_without_a_ledger(data):
    result = prove(data)

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"there is no ledger in {data.path}" in result.stderr


def test_something_left_and_is_listed(data):
    write(data, *sent(*CHAIN))
    result = prove(data, "--class", "confidential")

    assert result.exit_code == 1
    (row,) = json.loads(result.stdout)["sends"]
    assert (row["team"], row["target"], row["data_class"], row["categories"]) == (
        *("support", "vendor", "confidential", ["pii"]),
    )
    assert (row["ticket"], row["bytes"], row["exceptions"], row["observed"]) == ("tkt_000002_1", 100, ["x"], True)
    table = prove(data, "--class", "confidential", "--format", "table").stdout
    assert "1 calls of class confidential or above were sent" in table
    assert prove(data, "--class", "confidential", "--team", "other").exit_code == 0
    assert prove(data, "--class", "confidential", "--from", "2026-11-23", "--to", "2026-11-24").exit_code == 0


def test_doubt(data, tmp_path):
    write(data, *sent(CHAIN[0]))
    anchors = tmp_path / "anchors"
    anchors.write_text(Head("egr_a", 2, CHAIN[1].hash, 1).line() + "\n")
    assert prove(data).exit_code == 0
    result = prove(data, "--anchor", str(anchors), "--format", "table")
    assert (result.exit_code, "evidence is incomplete" in result.stdout) == (3, True)
    write_chain(data, CHAIN)
    assert prove(data).exit_code == 3  # the second entry is not in the ledger
    assert prove(data, "--class", "confidential").exit_code == 1


def test_books_that_cannot_be_read_and_spans_that_are_none(data):
    assert prove(data, "--from", "yesterday").exit_code == 2
    data.ledger.write_text("notes " * 1000)
    result = prove(data)
    assert (result.exit_code, result.stdout) == (2, "")
