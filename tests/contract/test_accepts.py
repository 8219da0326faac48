"""One accept holds for all hosts that share a ledger; one of this host alone is asked of nobody."""

import json

import pytest
from click.testing import CliRunner

from gateway.bootstrap import accepting
from gateway.bootstrap.accepting import Accepting
from gateway.cli.main import cli
from gateway.stores.data_dir import SQLITE, DataDir
from gateway.stores.ledger.accepts import accepted_elsewhere
from gateway.stores.policy.kept import KeptPolicy, Waiting
from gateway.telemetry.logs import Log

HELD, OTHER = "0123456789abcdef", "fedcba9876543210"


@pytest.fixture
def hosts(server, tmp_path, monkeypatch):
    """Two data directories with one ledger; on each the same policy is held."""
    url = server.database()
    monkeypatch.setenv("GATEWAY_LEDGER__URL", url)
    monkeypatch.setenv("GATEWAY_ACTOR", "ann")
    made = [DataDir(tmp_path / name, url) for name in ("one", "two")]
    for one in made:
        one.ensure()
        KeptPolicy(one.policy).refuse(Waiting("it widens", "held", HELD, 1))
    return made


def accept(host, policy=HELD):
    done = CliRunner().invoke(cli, ["policy", "accept", policy, "--reason", "CHG-1", "--data-dir", str(host.path)])
    assert done.exit_code == 0, done.output
    return done


def look(host):
    return Accepting(host, Log("ledger")).look()


def test_an_accept_on_one_host_is_taken_over_by_the_others_with_who_and_why(hosts):
    one, two = hosts
    assert not look(two)
    assert "all gateways of this ledger" in accept(one).stderr

    assert look(two)
    assert KeptPolicy(two.policy).accepted() == {HELD}
    line = json.loads((two.policy / "accepted").read_text())
    assert line["by"].startswith("ann (")
    assert line["reason"] == "CHG-1"


def test_it_is_taken_over_once(hosts):
    one, two = hosts
    accept(one)
    assert look(two)
    assert not look(two)
    assert not look(one)
    assert len((two.policy / "accepted").read_text().splitlines()) == 1


def test_an_accept_of_another_policy_is_none_of_this_one(hosts):
    one, two = hosts
    accept(one, OTHER)
    assert not look(two)
    assert KeptPolicy(two.policy).accepted() == frozenset()


def test_an_accept_that_could_not_be_made_holds_nowhere(hosts, monkeypatch):
    one, two = hosts

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(KeptPolicy, "accept", full)
    done = CliRunner().invoke(cli, ["policy", "accept", HELD, "--reason", "x", "--data-dir", str(one.path)])
    monkeypatch.undo()

    assert done.exit_code == 2
    assert accepted_elsewhere(two, HELD) is None


@pytest.mark.parametrize("waiting", [None, Waiting("p.yaml:1: wrong", "refused")])
def test_where_nothing_is_held_the_ledger_is_not_asked(hosts, waiting, monkeypatch):
    KeptPolicy(hosts[0].policy).refuse(waiting)
    monkeypatch.setattr(accepting, "accepted_elsewhere", None)

    assert not look(hosts[0])


def test_a_ledger_of_this_host_alone_accepts_nothing_for_others(tmp_path):
    assert accepted_elsewhere(DataDir(tmp_path, SQLITE), HELD) is None


def test_a_server_that_is_away_is_said_once_and_asked_again(hosts, server, capsys):
    one, two = hosts
    accept(one)
    asking = Accepting(two, Log("ledger"))
    server.stop()
    try:
        assert [asking.look(), asking.look()] == [False, False]
    finally:
        server.start()

    assert capsys.readouterr().err.count("accepts_not_read") == 1
    assert asking.look()
