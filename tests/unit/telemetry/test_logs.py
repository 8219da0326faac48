"""One JSON line for each event, without content; a log that nobody reads fails no request."""

import io
import json
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.replacing import replace

from gateway.telemetry.logs import LibraryLogs, Log


@pytest.fixture
def out():
    return io.StringIO()


@pytest.fixture
def log(out):
    return Log("edge", out)


def lines(out) -> list[dict]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_that_says_when_and_where(log, out):
    log.event("started", port=8080, text="two\nlines  and 'quotes\"")
    log.event("broken", "error", path=Path("somewhere"))
    first, second = lines(out)

    assert out.getvalue().count("\n") == 2
    assert (first["process"], first["event"], first["level"], first["port"]) == ("edge", "started", "info", 8080)
    assert datetime.fromisoformat(first["time"]).tzinfo == UTC
    assert (second["level"], second["path"]) == ("error", "somewhere")


def test_a_field_may_be_called_name(log, out):
    log.event("noted", name="x")

    assert lines(out)[0]["name"] == "x"


def test_a_finished_request_is_one_line_with_its_outcome(log, out, failed_over):
    log.exchange(failed_over)
    (line,) = lines(out)

    assert (line["event"], line["id"], line["trace"]) == ("request", "dec_000001", "ab" * 16)
    assert (line["team"], line["key"], line["model"], line["dialect"]) == ("support", "key1", "auto", "openai.chat")
    assert (line["target"], line["zone"], line["status"], line["attempts"]) == ("vendor", "closed", 200, 2)
    assert (line["input_tokens"], line["cached_tokens"], line["output_tokens"]) == (100, 40, 30)
    assert (line["cost_usd"], line["ms"], line["policy"]) == ("0.000000777", 60.0, "policy1")
    assert line["error"] is None


def test_a_request_without_an_attempt_is_one_line_too(log, out, served):
    log.exchange(replace(served, attempts=(), finished=replace(served.finished, target="", zone="")))

    assert lines(out)[0] | {"target": None, "zone": None, "input_tokens": 0} == lines(out)[0]


def test_the_words_of_rules_and_findings_stay_out_of_the_log(log, out, served):
    log.exchange(served)

    assert "evidence" not in lines(out)[0]
    assert "facts" not in lines(out)[0]
    assert "naïve" not in out.getvalue()


def test_a_refusal_is_one_line_without_a_team_where_none_is_known(log, out):
    log.refused("openai.chat", "not_authenticated", "", "dec_1")
    (line,) = lines(out)

    assert (line["event"], line["id"], line["team"], line["code"]) == ("refused", "dec_1", None, "not_authenticated")


class Broken(io.StringIO):
    def write(self, text):
        raise BrokenPipeError


@pytest.mark.parametrize("gone", [io.StringIO(), Broken()])
def test_a_log_whose_reader_has_gone_fails_nobody(gone):
    if not isinstance(gone, Broken):
        gone.close()

    Log("edge", gone).event("x")


def test_without_a_stream_it_is_standard_error(capsys):
    Log("ledger").event("x")
    captured = capsys.readouterr()

    assert json.loads(captured.err)["process"] == "ledger"
    assert captured.out == ""


@pytest.fixture
def taken_over(log):
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    root.handlers.clear()
    LibraryLogs.take_over(log)
    yield
    root.handlers[:] = before
    root.setLevel(level)


@pytest.mark.usefixtures("taken_over")
def test_what_libraries_log_is_an_event_without_message_and_traceback(out, capsys):
    library = logging.getLogger("uvicorn.error")
    error = ExceptionGroup("", [ValueError("the prompt was: top secret")])
    library.error("Exception in ASGI application: %s", "top secret", exc_info=error)
    library.warning("Invalid HTTP request received: top secret")
    library.info("nobody needs this")
    first, second = lines(out)

    assert (first["event"], first["level"], first["logger"]) == ("library_log", "error", "uvicorn.error")
    assert (first["kind"], first["where"].partition(":")[0]) == ("ValueError", "test_logs")
    assert (second["level"], "kind" in second) == ("warning", False)
    assert "secret" not in out.getvalue()
    assert capsys.readouterr().err == ""
