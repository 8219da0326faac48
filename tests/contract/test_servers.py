"""Which PostgreSQL the contracts run against, and that a missing one is never passed over in CI."""

import sys

import pytest
from support import postgres_server
from support.postgres_server import postgres, programs


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """No server on PATH, and no wheel that brings one."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setitem(sys.modules, "pgserver", None)
    monkeypatch.setattr(postgres_server.programs, "__defaults__", (tmp_path / "debian",))
    return tmp_path


def program(folder):
    folder.mkdir(parents=True)
    (folder / "postgres").touch(mode=0o755)
    return folder


def test_the_one_on_path_comes_first(bare):
    program(bare / "debian" / "17" / "bin")

    assert programs() == bare / "debian" / "17" / "bin"
    assert program(bare / "bin") == programs()


def test_debian_keeps_its_servers_beside_path_and_the_newest_is_taken(bare):
    program(bare / "debian" / "9.6" / "bin")
    for release in ("9", "15", "17"):
        program(bare / "debian" / release / "bin")

    assert programs() == bare / "debian" / "17" / "bin"


def test_without_one_ci_fails_and_a_developer_sees_what_to_install(bare, monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(RuntimeError, match="put `postgres` on PATH"), postgres():
        pass
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="put `postgres` on PATH"), postgres():
        pass
