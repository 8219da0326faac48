"""``gateway report migration``: what could move home."""

import json
import time

import pytest
import yaml
from click.testing import CliRunner
from support.books import request, write
from support.fakes import closed, local

from gateway.cli.report.main import command
from gateway.stores.data_dir import DataDir


@pytest.fixture
def place(tmp_path):
    data = DataDir(tmp_path / "data")
    data.ensure()
    now = time.time_ns() - 3600 * 10**9
    for number in range(10):
        write(data, *request(number, at=now, zone="closed", cost=10**8), instance=f"ins_{number}")
    write(data, *request(99, at=now, zone="local"), instance="ins_99")
    return tmp_path


def run(place, *arguments, **home):
    folder = place / "next"
    folder.mkdir(exist_ok=True)
    document = {
        "version": 1,
        "targets": [local("home", **home), closed("away")],
        "models": [{"name": "auto", "candidates": ["away"]}],
        "rules": [{"kind": "capability"}, {"kind": "prefer", "by": "cost"}],
        "teams": [{"id": "support", "default_class": "public"}],
    }
    (folder / "policy.yaml").write_text(yaml.safe_dump(document))
    line = ["migration", "--policies", str(folder), "--data-dir", str(place / "data"), *arguments]
    return CliRunner().invoke(command, line)


def test_what_fits_is_reported_with_its_range(place):
    done = run(place, "--format", "json", quality={"default": 0.8})
    (row,) = json.loads(done.output)["rows"]
    assert (row["team"], row["requests"], row["fits_requests"]) == ("support", 10, 10)
    assert 0 < float(row["saving_usd"]["low"]) <= float(row["saving_usd"]["high"]) <= float(row["spend_usd"]) == 1.0


def test_what_does_not_says_why(place):
    done = run(place, "--format", "table")
    assert done.exit_code == 0, done.output
    assert "no evidence" in " ".join(done.output.split())


def test_a_task_that_a_caller_made_up_does_not_break_the_table(place):
    write(
        DataDir(place / "data"),
        *request(50, at=time.time_ns() - 10**9, zone="closed", task="[/] [red]"),
        instance="ins_50",
    )
    done = run(place, "--format", "table")
    assert done.exit_code == 0, done.output
    assert "[/] [red]" in done.output


def test_without_a_policy_it_says_so(place):
    done = CliRunner().invoke(command, ["migration", "--data-dir", str(place / "data")])
    assert done.exit_code == 2
    assert "--policies" in done.output
