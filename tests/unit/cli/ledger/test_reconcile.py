"""``gateway ledger reconcile``: what finance runs when the invoice comes."""

import json

import pytest
from click.testing import CliRunner
from support.books import request, write

from gateway.cli.ledger.main import command
from gateway.stores.data_dir import DataDir

DAY = 1_795_305_600
"""2026-11-22 in Unix seconds; the requests are of its noon."""


@pytest.fixture
def place(tmp_path):
    data = DataDir(tmp_path / "data")
    data.ensure()
    for number in range(4):
        write(data, *request(number, zone="closed", cost=250_000_000), instance=f"ins_{number}")
    return tmp_path


def run(place, dollars, *arguments):
    result = {
        "object": "organization.costs.result",
        "amount": {"value": dollars, "currency": "usd"},
        "line_item": "Qwen3-32B, input",
    }
    file = place / "costs.json"
    file.write_text(json.dumps({"data": [{"start_time": DAY, "results": [result]}]}))
    arguments = ("reconcile", "--invoice", str(file), "--data-dir", str(place / "data"), *arguments)
    return CliRunner().invoke(command, arguments)


def test_an_invoice_that_agrees_is_accepted(place):
    done = run(place, 1.0, "--target", "vendor", "--format", "json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["total"]["difference_usd"] == "0.0"


def test_an_invoice_that_does_not_is_refused_with_the_reason(place):
    done = run(place, 1.5, "--target", "vendor", "--format", "table")
    assert done.exit_code == 1
    assert "rerate" in " ".join(done.output.split())


def test_what_may_differ_can_be_said(place):
    assert run(place, 1.05, "--target", "vendor", "--tolerance", "0.05").exit_code == 0


def test_usage_that_the_ledger_does_not_know_is_refused_even_without_a_price(place):
    result = {"object": "organization.usage.completions.result", "model": "gpt-6", "input_tokens": 10**6}
    file = place / "usage.json"
    file.write_text(json.dumps({"data": [{"start_time": DAY, "results": [result]}]}))
    done = CliRunner().invoke(command, ["reconcile", "--invoice", str(file), "--data-dir", str(place / "data")])

    assert done.exit_code == 1
    assert "without the gateway" in done.output


def test_targets_of_other_vendors_are_left_out(place):
    found = json.loads(run(place, 1.0, "--format", "json").output)
    assert found["total"]["ledger_usd"] == "0.0"


def test_a_file_that_is_not_an_invoice_is_reported(place):
    file = place / "notes.txt"
    file.write_text("my notes")
    done = CliRunner().invoke(command, ["reconcile", "--invoice", str(file), "--data-dir", str(place)])
    assert done.exit_code == 2
    assert "no column" in done.output
