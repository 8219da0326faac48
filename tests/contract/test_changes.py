"""Each command that changes something leaves a record, whatever database the ledger and the keys are in."""

import json
import os
import pwd

import pytest
import yaml
from click.testing import CliRunner
from support.books import NOON, request, write
from support.fakes import closed, local, policy

from gateway.cli.main import cli
from gateway.domain.records import GpuSample, PolicyLoaded
from gateway.stores.data_dir import SQLITE, DataDir
from gateway.stores.ledger.place import open_ledger
from gateway.stores.shipping.shipper import Shipper

LOGIN = pwd.getpwuid(os.getuid()).pw_name
DAYS = ("--from", "2026-11-01", "--to", "2026-11-30")

PRICE = {"input_per_mtok_usd": 10, "output_per_mtok_usd": 10}


@pytest.fixture(params=["sqlite", "postgres"])
def data(request, tmp_path, monkeypatch):
    url = SQLITE if request.param == "sqlite" else request.getfixturevalue("server").database()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATEWAY_LEDGER__URL", url)
    monkeypatch.setenv("GATEWAY_ACTOR", "ci")
    return DataDir(tmp_path / "data", url)


@pytest.fixture
def run(data):
    def run(*arguments):
        done = CliRunner().invoke(cli, [*arguments, "--data-dir", str(data.path)])
        assert done.exit_code == 0, done.output
        return done.stdout.strip()

    return run


def changes(run, *more):
    return json.loads(run("audit", "list", "--since", "52w", "--format", "json", *more))


def ship(data):
    with open_ledger(data) as ledger:
        Shipper(data, ledger).ship_once()


def worked(data):
    """A request on our own hardware that an hour's bill and a corrected price are for."""
    data.ensure()
    home = local("home", price={"gpu_hour_usd": 3.6, "tokens_per_second": 1})
    snapshot = policy(targets=[home, closed("away", price=PRICE)])
    counted = GpuSample("gpu_1", NOON, "home", "127.0.0.1:30000", 1, 0, 9.5, 0.5, 0.5, 100, 40, 10)
    write(data, PolicyLoaded("p", NOON, snapshot.canonical.decode()), *request(1), counted)
    ship(data)


def test_every_change_is_in_the_list_newest_first_with_who_made_it(data, run):
    worked(data)
    key = run("keys", "create", "--team", "support").split("_")[1]
    run("keys", "revoke", key)
    token = run("tokens", "create", "--name", "ann", "--role", "security").split("_")[1]
    run("tokens", "revoke", token)
    (data.path / "policies").mkdir()
    (data.path / "policies" / "p.yaml").write_text(
        yaml.safe_dump(
            {
                "version": 1,
                "targets": [local("home", price=PRICE)],
                "models": [{"name": "a", "candidates": ["home"]}],
            }
        )
    )
    run("report", "gpu", *DAYS, "--apply")
    ship(data)
    run("ledger", "rerate", *DAYS, "--policies", str(data.path / "policies"), "--apply")
    listed = changes(run)
    ship(data)

    span = "2026-11-01..2026-11-30"
    assert [(row["action"], row["subject"]) for row in listed] == [
        ("ledger.rerate", span),
        ("gpu.book", span),
        ("token.revoke", token),
        ("token.create", token),
        ("key.revoke", key),
        ("key.create", key),
    ]
    assert {(row["actor"], row["role"], row["via"]) for row in listed} == {(f"ci ({LOGIN})", "admin", "cli")}
    assert all(row["after"] for row in listed)
    assert [row["action"] for row in listed if row["before"] is None] == ["token.create", "key.create"]
    assert changes(run) == listed
    assert [row["subject"] for row in changes(run, "--action", "key.create", "--actor", f"ci ({LOGIN})")] == [key]


def test_a_change_is_seen_from_another_data_directory_of_the_same_ledger(data, run, tmp_path):
    if data.ledger_url == SQLITE:
        pytest.skip("one in SQLite is of one data directory")
    key = run("keys", "create", "--team", "support").split("_")[1]
    (tmp_path / "other").mkdir()
    done = CliRunner().invoke(cli, ["audit", "list", "--format", "json", "--data-dir", str(tmp_path / "other")])

    assert [row["subject"] for row in json.loads(done.stdout)] == [key]
