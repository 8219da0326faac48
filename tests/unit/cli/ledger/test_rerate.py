"""``gateway ledger rerate``: the same books and prices give the same bytes; booking is idempotent."""

import json

import pytest
import yaml
from click.testing import CliRunner
from support.books import Books, request, write

from gateway.cli.ledger.main import command
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.reader import LedgerReader

TARGET = {
    "id": "home",
    "zone": "local",
    "kind": "sglang",
    "model": "m",
    "endpoints": ["http://127.0.0.1:30000"],
    "clearance": "restricted",
    "context_window": 8000,
    "max_output_tokens": 1000,
}


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    directory = DataDir(tmp_path / "data")
    directory.ensure()
    write(directory, *request(1), *request(2, zone="closed", team="search"))
    policy(tmp_path, 10)
    return directory


def policy(where, usd):
    price = {"input_per_mtok_usd": usd, "output_per_mtok_usd": usd}
    (where / "policies").mkdir(exist_ok=True)
    document = {"version": 1, "targets": [TARGET | {"price": price}], "models": [{"name": "a", "candidates": ["home"]}]}
    (where / "policies" / "p.yaml").write_text(yaml.safe_dump(document))


def rerate(data, *more, policies="policies", days=("2026-11-01", "2026-11-30")):
    arguments = ["--data-dir", str(data.path), "--from", days[0], "--to", days[1], "--policies", policies, *more]
    return CliRunner().invoke(command, ["rerate", *arguments])


def test_it_shows_what_would_change_and_books_nothing(data):
    result, again = rerate(data), rerate(data)
    report = json.loads(result.stdout)

    assert result.stdout == again.stdout
    assert (report["attempts"], report["unknown_targets"]) == (2, ["vendor"])
    assert [(row["attempt"], row["before_usd"], row["after_usd"]) for row in report["rows"]] == [
        ("att_000001_1", "0.000000777", "0.0013")
    ]
    assert report["by_team"] == {"support": "0.001299223"}
    assert Books(data).decision("dec_000001")["cost_usd"] == "0.000000777"


def test_what_is_booked_is_booked_once(data):
    assert rerate(data, "--apply").exit_code == 0
    assert Books(data).decision("dec_000001")["cost_usd"] == "0.0013"
    again = rerate(data, "--apply", "--format", "table")

    assert "0 have another price" in again.stdout
    assert Books(data).decision("dec_000001")["cost_usd"] == "0.0013"


def test_who_booked_it_is_recorded_with_what_it_cost_before_and_after(data):
    report = json.loads(rerate(data, "--apply").stdout)
    rerate(data, "--apply")
    rerate(data)
    with LedgerReader(data).view() as view:
        (action,) = view.actions(0, 10)

    assert (action.action, action.subject, action.via) == ("ledger.rerate", "2026-11-01..2026-11-30", "cli")
    assert action.before == {"cost_usd": {"support": "0.000000777"}}
    assert action.after == {"cost_usd": {"support": "0.0013"}, "adjustments": 1, "policy": report["policy"]}


def test_prices_that_go_there_and_back_and_there_again_are_booked_each_time(data, tmp_path):
    costs = []
    for usd in (10, 20, 10, 20):
        policy(tmp_path, usd)
        assert rerate(data, "--apply").exit_code == 0
        costs.append(Books(data).decision("dec_000001")["cost_usd"])

    assert costs == ["0.0013", "0.0026", "0.0013", "0.0026"]


def test_people_see_teams_and_what_was_left(data):
    output = rerate(data, "--format", "table").stdout

    assert "support" in output
    assert "unchanged: the policy has no target vendor" in output
    assert "add --apply to book it" in output


def test_days_and_policies_that_are_wrong_are_reported(data, tmp_path):
    assert rerate(data, days=("2026-11-31", "2026-12-01")).exit_code == 2
    (tmp_path / "policies" / "p.yaml").write_text("version: 1\nmodels: 5\n")
    assert rerate(data).exit_code == 2


def test_a_file_instead_of_a_directory_of_policies_is_reported_in_one_line(data):
    result = rerate(data, policies="policies/p.yaml")

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert result.stderr.startswith("policies/p.yaml: Not a directory; name a directory of policy files")
