"""``gateway keys``: the key alone on stdout, once; ids everywhere else."""

import json

import pytest
from click.testing import CliRunner

from gateway.cli.keys import command
from gateway.stores.keys.sqlite import CachedKeys


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


def test_a_broken_setting_is_told_with_its_place(run, tmp_path):
    (tmp_path / "gateway.yaml").write_text("surprise: 1\n")
    result = run("list")

    assert result.exit_code == 2
    assert "gateway.yaml:1: surprise" in result.stderr


def test_a_file_that_is_no_database_is_told_in_a_line(run, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "keys.sqlite3").write_text("notes " * 1000)
    result = run("create", "--team", "x")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot be used" in result.stderr
