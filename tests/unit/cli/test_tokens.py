"""``gateway tokens``: the token alone on stdout, once; ids everywhere else; a record of each change."""

import json
from datetime import datetime

import pytest
from click.testing import CliRunner

from gateway.cli.audit import command as audit
from gateway.cli.tokens import command
from gateway.domain.access import Admin
from gateway.stores.data_dir import DataDir
from gateway.stores.keys.lookup import digest_of
from gateway.stores.keys.place import cached_tokens


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments, of=command):
        return CliRunner().invoke(of, [*arguments, "--data-dir", str(tmp_path / "data")])

    return run


def listed(run):
    return json.loads(run("list", "--format", "json").stdout)


def test_create_prints_the_token_alone_on_stdout_and_it_works(run, tmp_path):
    result = run("create", "--name", "bob", "--role", "lead", "--team", "support", "--team", "search")
    token = result.stdout.strip()
    tokens = cached_tokens(DataDir(tmp_path / "data"))
    found = tokens.find(token, 0)
    tokens.close()

    assert (result.exit_code, result.stdout) == (0, token + "\n")
    assert found == Admin("bob", frozenset({"lead"}), frozenset({"support", "search"}))
    assert token.startswith("gwa_")
    assert "keep it now" in result.stderr
    assert token not in result.stderr


def test_a_token_ends_after_90_days_unless_another_time_is_given(run):
    for more in ((), ("--expires", "30d")):
        assert run("create", "--name", "ann", "--role", "viewer", *more).exit_code == 0
    days = [_days(row["created"], row["expires"]) for row in listed(run)]

    assert sorted(days) == [30, 90]


def _days(first, last):
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).days


def test_list_shows_ids_and_never_a_token_or_its_hash(run):
    token = run("create", "--name", "ann", "--role", "operator").stdout.strip()
    result = run("list", "--format", "json")
    row = json.loads(result.stdout)[0]

    assert (row["id"], row["name"], row["role"], row["teams"]) == (token.split("_")[1], "ann", "operator", [])
    assert row["state"] == "active"
    assert token not in result.stdout
    assert digest_of(token) not in result.stdout
    assert "operator" in run("list", "--format", "table").stdout


def test_revoke_takes_an_id_and_shows_in_the_list(run):
    token_id = run("create", "--name", "ann", "--role", "viewer").stdout.split("_")[1]
    result = run("revoke", token_id)

    assert (result.exit_code, result.stdout) == (0, "")
    assert listed(run)[0]["state"] == "revoked"
    assert run("revoke", "nobody").exit_code == 1
    assert "gateway tokens list" in run("revoke", "nobody").stderr


def test_who_made_and_who_revoked_a_token_is_recorded(run):
    token = run("create", "--name", "bob", "--role", "lead", "--team", "legal").stdout.strip()
    run("revoke", token.split("_")[1])
    result = run("list", "--format", "json", of=audit)
    revoked, created = json.loads(result.stdout)
    (row,) = listed(run)

    assert (created["action"], created["subject"], created["before"]) == ("token.create", row["id"], None)
    assert created["after"] == {"name": "bob", "role": "lead", "teams": ["legal"], "expires": row["expires"]}
    assert (revoked["action"], revoked["subject"]) == ("token.revoke", row["id"])
    assert (revoked["before"], revoked["after"]) == ({"revoked": None}, {"revoked": row["revoked"]})
    assert token not in result.stdout
    assert digest_of(token) not in result.stdout


def test_before_the_first_token_the_list_is_empty_and_nothing_is_made(run, tmp_path):
    assert listed(run) == []
    assert "make one" in run("list", "--format", "table").stdout
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--name", "ann"), "--role"),
        (("--role", "viewer"), "--name"),
        (("--name", "ann", "--role", "king"), "king"),
        (("--name", "an n", "--role", "viewer"), "--name has letters"),
        (("--name", "a" * 65, "--role", "viewer"), "--name has letters"),
        (("--name", "admin", "--role", "viewer"), "choose another"),
        (("--name", "bob", "--role", "lead"), "--team TEAM"),
        (("--name", "bob", "--role", "lead", "--team", " "), "--team TEAM"),
        (("--name", "bob", "--role", "finance", "--team", "legal"), "--role lead alone"),
        (("--name", "bob", "--role", "viewer", "--expires", "never"), "not a duration"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(run, tmp_path, arguments, problem):
    result = run("create", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert problem in result.stderr
    assert not (tmp_path / "data").exists()
