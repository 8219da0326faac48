"""``gateway report commitments``: the state of money promised to vendors."""

import json

import pytest
from click.testing import CliRunner
from support.books import NOON, request, write
from support.fakes import policy
from support.replacing import replace

from gateway.cli.report.main import command
from gateway.domain.records import PolicyLoaded
from gateway.stores.data_dir import DataDir

PROMISE = {"id": "vendor-2026", "usd": 10, "from": "2026-11-01", "to": "2126-11-01", "covers": ["away"]}


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    directory = DataDir(tmp_path / "data")
    directory.ensure()
    snapshot = policy(commitments=[PROMISE | {"covers": ["away"]}])
    records = request(1, zone="closed", cost=2_500_000_000)
    records[1] = replace(records[1], target="away")
    write(directory, PolicyLoaded("p", NOON, snapshot.canonical.decode()), *records)
    return directory


def report(data, *more):
    return CliRunner().invoke(command, ["commitments", "--data-dir", str(data.path), *more])


def test_what_is_used_and_remaining_is_reported(data):
    (row,) = json.loads(report(data).stdout)["rows"]

    assert (row["id"], row["covers"], row["to"]) == ("vendor-2026", ["away"], "2126-11-01")
    assert (row["paid_usd"], row["drawn_usd"], row["left_usd"], row["lost_usd"]) == ("10.0", "2.5", "7.5", "0.0")


def test_people_see_a_table(data):
    assert "$7.50" in report(data, "--format", "table").stdout


def test_a_policy_may_be_named_and_none_is_needed(data, tmp_path):
    (tmp_path / "p.yaml").write_text("version: 1\nmodels: 5\n")

    assert report(data, "--policies", str(tmp_path)).exit_code == 2
    assert CliRunner().invoke(command, ["commitments", "--data-dir", str(tmp_path / "none")]).exit_code == 2
