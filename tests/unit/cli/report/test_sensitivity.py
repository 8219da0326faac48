"""``gateway report sensitivity``: a table on a terminal, JSON in a pipe."""

import json
import time

import pytest
from click.testing import CliRunner
from support.books import request, write
from support.replacing import replace

from gateway.cli.report.main import command
from gateway.domain.records import DecisionMade
from gateway.stores.data_dir import DataDir

EVIDENCE = [{"detector": "iban", "path": "", "span": [0, 9]}]


@pytest.fixture
def data(tmp_path):
    directory = DataDir(tmp_path / "data")
    directory.ensure()
    records = request(1, at=time.time_ns() - 10**9)
    write(directory, *[replace(one, evidence=EVIDENCE) if isinstance(one, DecisionMade) else one for one in records])
    return directory


def run(data, *words):
    return CliRunner().invoke(command, ["sensitivity", "--data-dir", str(data.path), *words])


def test_a_pipe_gets_rows_with_decisions_and_the_method(data):
    found = json.loads(run(data, "--by", "kind", "--format", "json").stdout)
    assert found["rows"][0]["kind"] == "iban"
    assert found["rows"][0]["examples"] == {"moved": ["dec_000001"]}
    assert "would_refuse" in found["method"]


def test_a_terminal_gets_a_table_with_one_decision_a_row(data):
    text = run(data, "--format", "text").stdout
    assert "support" in text
    assert "dec_000001" in text


def test_where_nothing_was_found_it_says_so(data):
    assert "nothing was found" in run(data, "--team", "nobody", "--format", "text").stdout


def test_where_no_gateway_recorded_anything_it_says_so(tmp_path):
    assert run(DataDir(tmp_path / "none")).exit_code == 2
