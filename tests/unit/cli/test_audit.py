"""``gateway audit list``: who changed what, newest first, narrowed by time, actor and kind."""

import json
import os
import time

import pytest
from click.testing import CliRunner
from support.books import write

from gateway.cli.audit import command
from gateway.cli.stores import actor_name, stores_of
from gateway.domain.records import Action
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.actions import Actor

DAY = 86_400_000_000_000


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    directory = DataDir(tmp_path / "data")
    directory.ensure()
    now = time.time_ns()
    write(
        directory,
        Action("act_1", now - 40 * DAY, "ann", "operator", "api", "key.create", "k1", None, {"team": "legal"}),
        Action("act_2", now - 20 * DAY, "bob", "admin", "cli", "key.revoke", "k1", {"revoked": None}, {"revoked": "x"}),
        Action(
            "act_3", now - DAY, "[red]ann[/]\x1b", "admin", "cli", "token.create", "t1", None, {"teams": ["a", "b"]}
        ),
    )
    return directory


def audit(data, *more):
    return CliRunner().invoke(command, ["list", "--data-dir", str(data.path), *more])


def ids(data, *more):
    return [row["id"] for row in json.loads(audit(data, "--format", "json", *more).stdout)]


def test_the_last_30_days_are_listed_newest_first(data):
    assert ids(data) == ["act_3", "act_2"]


def test_the_list_is_narrowed_by_time_actor_and_kind(data):
    assert ids(data, "--since", "52w") == ["act_3", "act_2", "act_1"]
    assert ids(data, "--since", "52w", "--actor", "ann") == ["act_1"]
    assert ids(data, "--action", "key.revoke") == ["act_2"]
    assert ids(data, "--limit", "1") == ["act_3"]


def test_a_row_says_who_by_what_role_and_what_was_before_and_after(data):
    row = json.loads(audit(data, "--action", "key.revoke").stdout)[0]

    assert row.pop("time").endswith("Z")
    assert row == {
        "id": "act_2",
        "actor": "bob",
        "role": "admin",
        "via": "cli",
        "action": "key.revoke",
        "subject": "k1",
        "before": {"revoked": None},
        "after": {"revoked": "x"},
    }


def test_people_see_a_table_of_which_the_terminal_obeys_nothing(data, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    output = audit(data, "--format", "table").stdout

    assert "[red]ann[/]" in output
    assert "\x1b[31" not in output
    assert "teams: a, b" in output
    assert "revoked: -" in output


def test_an_empty_list_says_so(data):
    assert "no recorded change matches" in audit(data, "--actor", "nobody", "--format", "table").stdout
    assert ids(data, "--actor", "nobody") == []


def test_a_name_that_anybody_may_set_stands_beside_the_login():
    assert actor_name("root", "ci") == "ci (root)"
    assert actor_name("root", "") == "root"


def test_a_user_without_a_name_is_recorded_by_its_number_whatever_the_environment_says(data, monkeypatch):
    monkeypatch.setenv("USER", "boss")
    monkeypatch.setenv("LOGNAME", "boss")
    monkeypatch.setattr("pwd.getpwuid", _nobody)

    assert stores_of(None, str(data.path)).actor == Actor(f"uid {os.getuid()}", "admin", "cli")


def _nobody(uid):
    raise KeyError(uid)
