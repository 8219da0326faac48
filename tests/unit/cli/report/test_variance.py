"""``gateway report variance``: two periods, and why the second cost more."""

import json

import pytest
from click.testing import CliRunner
from support.books import NOON, SECOND, request, write

from gateway.cli.report.main import command
from gateway.stores.data_dir import DataDir

MONTH = 30 * 86400 * SECOND


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = DataDir(tmp_path / "data")
    data.ensure()
    write(data, *request(1, at=NOON - MONTH, cost=100), *request(2, zone="closed", cost=900), *request(3, team="legal"))

    def run(*arguments):
        return CliRunner().invoke(command, ["variance", *arguments, "--data-dir", str(data.path)])

    return run


def test_the_parts_of_two_months_sum_to_the_difference(run):
    report = json.loads(run("--from", "2026-10", "--to", "2026-11", "--team", "support").stdout)

    assert [row["name"] for row in report["rows"]] == ["vendor", "home"]
    assert (report["total"]["before_usd"], report["total"]["after_usd"]) == ("0.0000001", "0.0000009")
    assert report["total"]["difference_usd"] == "0.0000008"
    assert "sum to the difference" in report["method"]


def test_a_table_is_for_people(run):
    result = run(
        "--from", "2026-11-01..2026-11-10", "--to", "2026-11-20..2026-11-22", "--by", "team", "--format", "table"
    )

    assert result.exit_code == 0
    assert "volume" in result.stdout


def test_a_model_that_a_caller_made_up_does_not_break_the_table(run, tmp_path):
    write(DataDir(tmp_path / "data"), *request(9, model="[/] [red]"), instance="ins_9")
    result = run("--from", "2026-10", "--to", "2026-11", "--by", "model", "--format", "table")

    assert result.exit_code == 0
    assert "[/]" in result.stdout


@pytest.mark.parametrize("period", ["2026", "soon", "2026-13", "2026-11-02..2026-11-01"])
def test_what_is_no_period_is_refused_in_a_line(run, period):
    result = run("--from", period, "--to", "2026-11")

    assert (result.exit_code, result.stdout) == (2, "")
