"""A policy that widens is permitted by its hash, with a reason, in the audit log."""

import json

import pytest
from click.testing import CliRunner

from gateway.cli.main import cli
from gateway.stores.policy.kept import KeptPolicy

HASH = "0123456789abcdef"


def accept(tmp_path, *words):
    return CliRunner().invoke(cli, ["policy", "accept", *words, "--data-dir", str(tmp_path)])


def test_what_is_accepted_is_known_to_the_gateway_and_recorded(tmp_path):
    done = accept(tmp_path, HASH, "--reason", "CHG-1204")

    assert done.exit_code == 0, done.output
    assert KeptPolicy(tmp_path / "policy").accepted() == {HASH}
    listed = CliRunner().invoke(cli, ["audit", "list", "--format", "json", "--data-dir", str(tmp_path)])
    assert "policy.accept" in listed.stdout
    assert "CHG-1204" in json.dumps(json.loads(listed.stdout))


@pytest.mark.parametrize("words", [("all", "--reason", "x"), (HASH,), (HASH, "--reason", " ")])
def test_without_a_hash_and_a_reason_nothing_is_accepted(tmp_path, words):
    assert accept(tmp_path, *words).exit_code == 2
    assert KeptPolicy(tmp_path / "policy").accepted() == frozenset()
