"""``gateway policy backtest``: what a change would have done last week."""

import json
import time

import pytest
import yaml
from click.testing import CliRunner
from support.books import attempt, decision_made, finished, policy, settled, write
from support.fakes import closed, local

from gateway.cli.policy.main import command
from gateway.stores.data_dir import DataDir


@pytest.fixture
def place(tmp_path):
    data = DataDir(tmp_path / "data")
    data.ensure()
    now = time.time_ns() - 3600 * 10**9
    for number in range(30):
        write(
            data, policy(), decision_made(number, at=now), attempt(number, at=now), settled(number, at=now),
            finished(number, at=now), instance=f"ins_{number}",
        )  # fmt: skip
    return tmp_path


def run(place, order, *arguments):
    folder = place / "new"
    folder.mkdir(exist_ok=True)
    document = {
        "version": 1,
        "targets": [local("home"), closed("away")],
        "models": [{"name": "auto", "candidates": ["home", "away"]}],
        "rules": [{"kind": "prefer", "by": "order", "order": order}],
        "teams": [{"id": "support", "default_class": "public"}],
    }
    (folder / "policy.yaml").write_text(yaml.safe_dump(document))
    command_line = ["backtest", "--policies", str(folder), "--data-dir", str(place / "data"), "--workers", "2"]
    return CliRunner().invoke(command, [*command_line, *arguments])


def test_what_stays_is_fine(place):
    done = run(place, ["home", "away"], "--format", "json")
    found = json.loads(done.output)
    assert (done.exit_code, found["total"]["requests"], found["total"]["moved"]) == (0, 30, 0)


def test_what_would_leave_stops_a_pipeline(place):
    done = run(place, ["away", "home"], "--format", "json")
    found = json.loads(done.output)
    assert (done.exit_code, found["total"]["newly_leaving"]) == (3, 30)
    assert found["moves"] == [{"team": "support", "from": "home", "to": "away", "requests": 30}]
    assert found["examples"]["newly_leaving"]


def test_people_get_tables_and_the_method(place):
    done = run(place, ["away", "home"], "--format", "table")
    assert "home" in done.output
    assert "nothing is called" in " ".join(done.output.split())


def test_a_broken_policy_is_reported(place):
    (place / "new").mkdir()
    (place / "new" / "policy.yaml").write_text("targets: 3")
    arguments = ["backtest", "--policies", str(place / "new"), "--data-dir", str(place / "data")]
    assert CliRunner().invoke(command, arguments).exit_code == 2
