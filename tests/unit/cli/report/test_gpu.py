"""``gateway report gpu``: the true price of an hour, from the policy and the samples that the ledger has."""

import json

import pytest
from click.testing import CliRunner
from support.books import NOON, request, ship, spent, write
from support.fakes import closed, local, policy

from gateway.cli.report.main import command
from gateway.domain.records import GpuSample, PolicyLoaded
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.reader import LedgerReader

HOUR = 3_600_000_000_000
RATES = {"input_per_mtok_usd": 1, "output_per_mtok_usd": 1}


def sample(number, at, output):
    return GpuSample(f"gpu_{number}", at, "home", "127.0.0.1:30000", 1, 0, 9.5, 0.5, 0.5, 100, 40, output)


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    directory = DataDir(tmp_path / "data")
    directory.ensure()
    home = local("home", price={"gpu_hour_usd": 3.6, "tokens_per_second": 1})
    snapshot = policy(targets=[home, closed("away", price=RATES)])
    write(directory, PolicyLoaded("p", NOON, snapshot.canonical.decode()), *request(1), *request(2, team="search"))
    ship(directory)
    write(directory, sample(1, NOON - 1, 0), sample(2, NOON + 1, 1000), *request(3), instance="ins_b")
    return directory


def report(data, *more):
    days = ["--from", "2026-11-01", "--to", "2026-11-30"]
    return CliRunner().invoke(command, ["gpu", "--data-dir", str(data.path), *days, *more])


def test_an_hour_s_bill_is_shared_out_and_compared(data):
    answer = json.loads(report(data).stdout)
    used = answer["rows"][-1]

    assert (used["target"], used["bill_usd"], used["samples"]) == ("home", "3.6", 1)
    assert used["shares_usd"]["support"] == "0.18"
    assert used["shares_usd"]["search"] == "0.09"
    assert sum(float(share) for share in used["shares_usd"].values()) == pytest.approx(3.6)
    (against,) = used["against"]
    assert (against["target"], against["would_have_been_cheaper"]) == ("away", True)
    assert "this hour the API would have been cheaper" in used["notes"][0]
    assert answer["total"]["hours"] == len(answer["rows"])


def test_shipping_changes_nothing(data):
    before = report(data).stdout
    ship(data)

    assert report(data).stdout == before


def test_people_see_a_table_and_the_sentence(data):
    output = report(data, "--format", "table").stdout

    assert "home" in output
    assert "this hour the API would have been cheaper" in output


def test_without_a_policy_there_is_no_bill_and_one_may_be_given(data, tmp_path):
    (tmp_path / "p.yaml").write_text("version: 1\nmodels: 5\n")

    assert report(data, "--policies", str(tmp_path)).exit_code == 2
    assert CliRunner().invoke(command, ["gpu", "--from", "x"]).exit_code == 2
    assert CliRunner().invoke(command, ["gpu", "--data-dir", str(tmp_path / "none")]).exit_code == 2


def test_true_prices_are_booked_once_and_sum_to_what_was_allocated(data):
    for _ in range(2):
        answer = json.loads(report(data, "--apply").stdout)
        ship(data)

    allocated = {team: answer["total"]["shares_usd"][team] for team in ("support", "search")}
    assert allocated == {"support": "0.18", "search": "0.09"}
    assert spent(data) == {"support": 180_000_000, "search": 90_000_000}


def test_who_booked_the_true_prices_is_recorded_with_what_was_booked_before_and_after(data):
    report(data, "--apply")
    report(data, "--apply")
    report(data)
    with LedgerReader(data).view() as view:
        (action,) = view.actions(0, 10)

    assert (action.action, action.subject, action.via) == ("gpu.book", "2026-11-01..2026-11-30", "cli")
    assert action.before == {"cost_usd": {"search": "0.000000777", "support": "0.000001554"}}
    assert action.after["cost_usd"] == {"search": "0.09", "support": "0.18"}
    assert action.after["adjustments"] == 3
