"""A child that fails says so in one line without a traceback, which would quote what it was working on."""

import json
import logging

import pytest
from click.testing import CliRunner

from gateway.bootstrap import egress
from gateway.bootstrap.child import Handed
from gateway.bootstrap.start_error import StartError
from gateway.cli.child import command
from gateway.domain.errors import LedgerUnavailable
from gateway.settings import Settings


@pytest.fixture(autouse=True)
def own_logging():
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture
def failing(monkeypatch, tmp_path):
    def run(error: BaseException):
        async def fail(settings, handed):
            raise error

        monkeypatch.setattr(egress, "run", fail)
        handed = Handed(str(tmp_path)).encode()
        return CliRunner().invoke(command, ["egress", "--settings", Settings().model_dump_json(), "--handed", handed])

    return run


def test_what_no_retry_helps_against_is_left_for_the_supervisor(failing, tmp_path):
    result = failing(StartError("the port is taken; take another"))

    assert (result.exit_code, result.output) == (2, "")
    assert [file.read_text() for file in tmp_path.glob("*.reason")] == ["the port is taken; take another"]


def test_a_bug_is_one_line_of_kind_and_place_without_its_message(failing, tmp_path):
    result = failing(ExceptionGroup("", [RuntimeError("the prompt was: top secret")]))

    (line,) = result.stderr.splitlines()
    event = json.loads(line)
    assert result.exit_code == 1
    assert (event["process"], event["event"], event["kind"]) == ("egress", "crashed", "RuntimeError")
    assert "secret" not in line
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_that_is_away_is_a_line_that_says_why_and_is_tried_again(failing):
    result = failing(LedgerUnavailable("the ledger's database cannot be used: OperationalError"))

    event = json.loads(result.stderr)
    assert result.exit_code == 1
    assert event["problem"] == "the ledger's database cannot be used: OperationalError"
