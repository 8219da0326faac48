"""``gateway keys``: the key alone on stdout, once; ids everywhere else."""

import json
import os
import pwd
import shutil

import pytest
from click.testing import CliRunner

from gateway.cli.audit import command as audit
from gateway.cli.keys import command
from gateway.stores.keys.file import FileKeys
from gateway.stores.keys.lookup import digest_of
from gateway.stores.keys.sqlite import CachedKeys

LOGIN = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def changes(tmp_path):
    def changes():
        return json.loads(CliRunner().invoke(audit, ["list", "--data-dir", str(tmp_path / "data")]).stdout)

    return changes


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        return CliRunner().invoke(command, [*arguments, "--data-dir", str(tmp_path / "data")])

    return run


def listed(run):
    return json.loads(run("list", "--format", "json").stdout)


def test_create_prints_the_key_alone_on_stdout_and_it_works(run, tmp_path):
    result = run("create", "--team", "support", "--grant", "declassify")
    key = result.stdout.strip()
    keys = CachedKeys(tmp_path / "data" / "keys.sqlite3")
    found = keys.find(key, 0)
    keys.close()

    assert result.exit_code == 0
    assert result.stdout == key + "\n"
    assert (found.team, found.grants) == ("support", {"declassify"})
    assert "keep it now" in result.stderr
    assert key not in result.stderr


def test_list_shows_ids_and_never_a_key_or_its_hash(run):
    key = run("create", "--team", "support", "--name", "nightly", "--owner", "ann", "--expires", "90d").stdout.strip()
    result = run("list", "--format", "json")
    row = json.loads(result.stdout)[0]

    assert row["id"] == key.split("_")[1]
    assert (row["team"], row["name"], row["owner"], row["state"]) == ("support", "nightly", "ann", "active")
    assert row["expires"] > row["created"]
    assert key not in result.stdout
    assert "sha256" not in result.stdout


def test_revoke_takes_an_id_and_shows_in_the_list(run):
    key_id = run("create", "--team", "support").stdout.split("_")[1]
    result = run("revoke", key_id)

    assert (result.exit_code, result.stdout) == (0, "")
    assert listed(run)[0]["state"] == "revoked"


def test_who_made_and_who_revoked_a_key_is_recorded(run, changes, monkeypatch):
    key = run("create", "--team", "support", "--owner", "ann", "--expires", "90d").stdout.strip()
    monkeypatch.setenv("GATEWAY_ACTOR", "ci")
    run("revoke", key.split("_")[1])
    revoked, created = changes()

    assert (created["action"], created["actor"], created["role"], created["via"]) == (
        "key.create",
        LOGIN,
        "admin",
        "cli",
    )
    assert (created["subject"], created["before"]) == (key.split("_")[1], None)
    assert created["after"] == {"team": "support", "owner": "ann", "expires": listed(run)[0]["expires"]}
    assert (revoked["action"], revoked["actor"]) == ("key.revoke", f"ci ({LOGIN})")
    assert (revoked["subject"], revoked["before"]) == (created["subject"], {"revoked": None})
    assert revoked["after"] == {"revoked": listed(run)[0]["revoked"]}
    assert key not in str(changes())
    assert digest_of(key) not in str(changes())


def test_what_changes_nothing_is_not_recorded(run, changes):
    key_id = run("create", "--team", "support").stdout.split("_")[1]
    results = [run("revoke", key_id), run("revoke", key_id), run("revoke", "nobody")]

    assert [result.exit_code for result in results] == [0, 0, 1]
    assert [change["action"] for change in changes()] == ["key.revoke", "key.create"]


def test_no_key_is_made_or_revoked_that_cannot_be_recorded(run, tmp_path):
    key_id = run("create", "--team", "support").stdout.split("_")[1]
    shutil.rmtree(tmp_path / "data" / "spool")
    (tmp_path / "data" / "spool").write_text("a file where a directory belongs")
    refused = run("revoke", key_id)
    (tmp_path / "data" / "spool").unlink()

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "nothing was changed" in refused.stderr
    assert [row["state"] for row in listed(run)] == ["active"]


def test_a_key_that_could_not_be_stored_is_recorded_as_failed(run, changes, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "keys.sqlite3").write_text("notes " * 1000)
    run("create", "--team", "x")

    assert [change["action"] for change in changes()] == ["key.create.failed", "key.create"]


def test_revoking_what_is_not_there_is_an_error(run):
    result = run("revoke", "nobody")

    assert result.exit_code == 1
    assert "there is no key 'nobody'" in result.stderr


def test_before_the_first_key_the_list_is_empty_and_nothing_is_made(run, tmp_path):
    assert listed(run) == []
    assert "make one" in run("list", "--format", "table").stdout
    assert not (tmp_path / "data").exists()


def test_the_table_shows_names_as_they_are(run):
    run("create", "--team", "[red]x[/]", "--name", "a\x1bb")
    shown = run("list", "--format", "table").stdout

    assert "[red]x[/]" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    "arguments", [("--team", " "), (), ("--team", "x", "--expires", "soon"), ("--team", "x", "--grant", "all")]
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(run, tmp_path, arguments):
    result = run("create", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert not (tmp_path / "data").exists()


def test_a_broken_setting_is_reported_with_its_place(run, tmp_path):
    (tmp_path / "gateway.yaml").write_text("surprise: 1\n")
    result = run("list")

    assert result.exit_code == 2
    assert "gateway.yaml:1: surprise" in result.stderr


def test_a_file_that_is_not_a_database_is_reported_in_a_line(run, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "keys.sqlite3").write_text("notes " * 1000)
    result = run("create", "--team", "x")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot be used" in result.stderr


class TestFile:
    """With keys_file the gateway takes no key from a store, so none is made there."""

    @pytest.fixture
    def place(self, tmp_path, monkeypatch):
        place = tmp_path / "keys.yaml"
        place.write_text("[]")
        monkeypatch.setenv("GATEWAY_KEYS_FILE", str(place))
        return place

    def test_create_prints_the_line_to_add_and_the_key_works_with_it(self, run, place):
        result = run("create", "--team", "support", "--owner", "ann")
        key, line = result.stdout.strip(), result.stderr.splitlines()[-1]
        place.write_text(line)

        assert str(place) in result.stderr
        assert FileKeys(place).find(key, 0).team == "support"
        assert [(row["team"], row["owner"]) for row in listed(run)] == [("support", "ann")]
        assert "support" in run("list", "--format", "table").stdout

    def test_revoke_says_which_line_to_remove(self, run, place):
        result = run("revoke", "abc")
        assert (result.exit_code, "remove the line of abc" in result.stderr) == (2, True)

    def test_a_bad_file_is_named(self, run, place):
        place.write_text("[{id: a}]")
        result = run("list")
        assert (result.exit_code, "keys.yaml:1: 0.team" in result.stderr) == (2, True)
