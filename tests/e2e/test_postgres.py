"""The whole gateway with its ledger and keys in PostgreSQL: killed, cut off, and read from another place."""

import json

import httpx
import pytest
from support.postgres_server import postgres
from support.stack import stack


@pytest.fixture(scope="module")
def server():
    with postgres() as running:
        yield running


@pytest.fixture
def own(tmp_path, server, monkeypatch):
    monkeypatch.setenv("GATEWAY_LEDGER__URL", server.database())
    with stack(tmp_path) as made:
        yield made


def start(own):
    own.start()
    own.keys["support"] = own.cli("keys", "create", "--team", "support").stdout.strip()
    own.wait_for(lambda: own.chat("warm").status_code == 200, "the key")


def ids(own):
    return {row["id"] for row in json.loads(own.cli("decisions", "list", "--format", "json").stdout)}


def test_calls_are_in_the_ledger_and_outlive_a_kill(own):
    start(own)
    first = own.chat("hello").headers["x-gateway-decision-id"]
    own.process.kill()
    own.process.wait()
    own.start()
    second = own.chat("hello again").headers["x-gateway-decision-id"]
    own.stop()
    verified = own.cli("ledger", "verify", "--format", "json")

    assert {first, second} <= ids(own)
    assert json.loads(verified.stdout)["ok"], verified.stdout
    assert not (own.data_dir / "ledger.sqlite3").exists()


def test_a_new_key_works_and_a_revoked_one_does_not(own):
    own.start()
    key = own.cli("keys", "create", "--team", "support").stdout.strip()
    headers = {"authorization": f"Bearer {key}"}

    def status():
        return httpx.get(own.url + "/v1/models", headers=headers).status_code

    own.wait_for(lambda: status() == 200, "the key")
    own.cli("keys", "revoke", key.split("_")[1])
    assert own.wait_for(lambda: status() == 401, "its end")


def test_while_the_server_is_away_calls_go_on_and_nothing_is_lost(own, server):
    start(own)
    server.stop()
    try:
        answers = [own.chat(f"number {number}") for number in range(20)]
    finally:
        server.start()
    asked = {answer.headers["x-gateway-decision-id"] for answer in answers}
    assert {answer.status_code for answer in answers} == {200}
    assert own.wait_for(lambda: asked <= ids(own), "all of them")
    own.wait_for(lambda: own.cli("ledger", "verify").returncode == 0, "books that are right")


def in_force(own):
    """The policy in force, while no other one waits."""
    policy = httpx.get(own.admin + "/readyz").json()["policy"]
    return policy["hash"] if policy["in_force"] else None


def test_one_accept_holds_for_all_hosts_of_a_ledger(own, tmp_path):
    own.settings["policy"] = {"settle": 0.2}
    own.document["rules"].insert(0, {"kind": "deny", "zones": ["closed"], "when": "team == 'data'"})
    own.start()
    (tmp_path / "two").mkdir()
    with stack(tmp_path / "two") as other:
        other.settings, other.document, other.keys = own.settings, own.document, own.keys
        other.policies.symlink_to(own.policies, target_is_directory=True)
        other.start()
        own.document["rules"].pop(0)
        own.write_policy()
        (held,) = own.wait_for(lambda: own.events("policy_held"), "the held policy")
        other.wait_for(lambda: other.events("policy_held"), "the held policy on the other host")

        assert own.cli("policy", "accept", held["policy"], "--reason", "CHG-1").returncode == 0
        for one in (own, other):
            one.wait_for(lambda one=one: in_force(one) == held["policy"], "the accepted policy")
    (event,) = other.events("policy_accepted")
    assert event["policy"] == held["policy"]
