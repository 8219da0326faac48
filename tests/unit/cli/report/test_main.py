"""``gateway report costs``: each format, to stdout or a file, over days or so long back."""

import csv
import io
import json
import re
import shlex
import time
from decimal import Decimal

import pytest
from click.testing import CliRunner
from support.books import SECOND, request, write

from gateway.cli.decisions.main import command as decisions
from gateway.cli.report.main import command
from gateway.stores.data_dir import DataDir


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = DataDir(tmp_path / "data")
    data.ensure()
    now = time.time_ns()
    write(data, *request(1, at=now - SECOND), *request(2, at=now - 2 * SECOND, team="legal", zone="closed", cost=1000))
    write(data, *request(3, at=now - 40 * 86400 * SECOND, cost=5), instance="ins_old")

    def run(*arguments):
        return CliRunner().invoke(command, ["costs", *arguments, "--data-dir", str(data.path)])

    return run


def test_in_a_pipe_it_is_json(run):
    report = json.loads(run("--since", "1h").stdout)

    assert [row["name"] for row in report["rows"]] == ["legal", "support"]
    assert report["total"]["spend_usd"] == "0.000001777"
    assert "reference" in report["method"]


def test_days_are_included_and_a_span_back_takes_what_lies_in_it(run):
    assert json.loads(run("--since", "60d").stdout)["total"]["requests"] == 3
    assert json.loads(run("--from", "2020-01-01").stdout)["total"]["requests"] == 3
    assert json.loads(run("--from", "2020-01-01", "--to", "2020-01-02").stdout)["rows"] == []


def test_csv_and_html_can_be_written_to_files_named_so(run, tmp_path):
    run("--since", "1h", "--output", "costs.csv")
    run("--since", "1h", "--by", "target", "--output", "costs.html")

    rows = list(csv.DictReader(io.StringIO((tmp_path / "costs.csv").read_text())))
    assert [row["team"] for row in rows] == ["legal", "support", "total"]
    assert [(row["requests"], row["spend_usd"]) for row in rows] == [
        ("1", "0.000001"), ("1", "0.000000777"), ("2", "0.000001777")
    ]  # fmt: skip
    page = (tmp_path / "costs.html").read_text()
    assert page.startswith("<!doctype html>")
    cells = [cell.strip() for cell in re.findall(r"<td[^>]*>([^<]*)", page)]
    assert [cell for cell in cells if cell in {"home", "vendor"}] == ["vendor", "home"]  # the dearer first
    assert "<script src" not in page


def cells(text):
    """Rows of a table, by their first cell."""
    rows = [re.split(r"\s{2,}|[│┃|]", line.strip(" │┃|")) for line in text.splitlines()]
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows if len(row) > 1}


def test_a_table_for_people_has_the_figures_of_the_json(run):
    result = run("--since", "1h", "--format", "table", "--by", "team")
    rows, report = cells(result.stdout), json.loads(run("--since", "1h").stdout)

    assert "Costs by team" in result.stdout
    for row in [*report["rows"], report["total"]]:
        shown = rows[row.get("name") or "total"]
        assert str(row["requests"]) in shown
        assert any(row["spend_usd"].rstrip("0")[:8] in cell for cell in shown), (row["spend_usd"], shown)


def test_a_table_can_be_written_to_a_file_too(run, tmp_path):
    shown = run("--since", "1h", "--format", "table").stdout
    run("--since", "1h", "--format", "table", "--output", "costs.txt")

    assert cells((tmp_path / "costs.txt").read_text()).keys() == cells(shown).keys() >= {"legal", "support", "total"}


def test_focus_sums_to_the_cash_of_the_report(run):
    rows = list(csv.DictReader(io.StringIO(run("--since", "1h", "--format", "focus").stdout)))
    report = json.loads(run("--since", "1h").stdout)

    assert sum(Decimal(row["BilledCost"]) for row in rows) == Decimal("0.000001")
    assert report["total"]["closed_usd"] == "0.000001"


def test_a_report_is_narrowed_to_one_name_in_each_dimension(run):
    report = json.loads(run("--since", "1h", "--by", "target", "--team", "legal").stdout)

    assert [row["name"] for row in report["rows"]] == ["vendor"]
    assert (report["only"], report["total"]["latency_p50_ms"]) == ({"team": "legal"}, None)


def test_each_line_says_how_to_list_its_requests(run):
    report = json.loads(run("--since", "1h", "--by", "target", "--team", "legal").stdout)
    words = shlex.split(report["rows"][0]["list"])

    assert words[:6] == ["gateway", "decisions", "list", "--team", "legal", "--target"]
    listed = CliRunner().invoke(decisions, [*words[2:], "--data-dir", "data", "--format", "json"])
    assert [row["team"] for row in json.loads(listed.stdout)] == ["legal"]


def test_days_open_to_their_own_requests_and_nobody_to_those_without_a_name(run):
    (row,) = json.loads(run("--since", "1h", "--by", "cost_center").stdout)["rows"]
    assert shlex.split(row["list"])[3:5] == ["--cost-center", "(none)"]

    day = json.loads(run("--since", "1h", "--by", "day").stdout)["rows"][0]
    listed = CliRunner().invoke(decisions, [*shlex.split(day["list"])[2:], "--data-dir", "data", "--format", "json"])
    assert len(json.loads(listed.stdout)) == day["requests"]


def test_savings_are_a_range_by_the_asked_ratio(run):
    low, half = (json.loads(run("--since", "1h", *more).stdout)["total"] for more in ((), ("--token-ratio", "0.5")))

    assert (low["savings_low_usd"], low["savings_usd"]) == ("0.000014423", "0.000016223")
    assert half["savings_low_usd"] == "0.000011723"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "soon"),
        ("--since", "1h", "--to", "2026-01-01"),
        ("--by", "mood"),
        ("--since", "0h"),
        ("--since", "99999w"),
        ("--from", "0001-01-01"),
        ("--to", "9999-12-31"),
        ("--from", "2026-02-02", "--to", "2026-02-01"),
    ],
)
def test_what_makes_no_sense_is_refused(run, arguments):
    result = run(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")


def test_a_file_that_cannot_be_written_is_reported_in_a_line(run):
    result = run("--since", "1h", "--output", "nowhere/costs.csv")

    assert result.exit_code == 2
    assert "nowhere/costs.csv" in result.stderr


def test_nothing_is_reported_about_a_place_without_a_ledger(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(command, ["costs", "--format", "json"])

    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no ledger in .gateway" in result.stderr
    assert "--data-dir" in result.stderr
