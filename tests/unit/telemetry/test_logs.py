"""One JSON line for each event, without content; a log that nobody reads fails no request."""

import asyncio
import io
import json
import logging
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.replacing import replace

from gateway.telemetry import logs
from gateway.telemetry.logs import PIECE_BYTES, LibraryLogs, Log

TESTS = Path(__file__).parents[2]


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


class Pieces(io.StringIO):
    """Notes each write."""

    def __init__(self):
        super().__init__()
        self.pieces: list[str] = []

    def write(self, text):
        self.pieces.append(text)
        return super().write(text)


class TestInAnEventLoop:
    """Lines of requests wait for each other; nothing else waits, and nothing is lost."""

    @pytest.fixture
    def out(self):
        return Pieces()

    def test_lines_of_requests_are_written_together_by_a_timer(self, log, out, served, monkeypatch):
        async def serve():
            log.exchange(served)
            log.refused("openai.chat", "not_authenticated", "", "dec_1")
            log.exchange(served)
            assert out.pieces == []
            while not out.pieces:
                await asyncio.sleep(0)
            log.exchange(served)
            while len(out.pieces) < 2:
                await asyncio.sleep(0)

        monkeypatch.setattr(logs, "BATCH_S", 0.0)
        asyncio.run(serve())

        assert [piece.count("\n") for piece in out.pieces] == [3, 1]
        assert [line["event"] for line in lines(out)] == ["request", "refused", "request", "request"]

    def test_every_other_event_is_written_at_once_behind_what_waits(self, log, out, served):
        async def serve():
            log.exchange(served)
            log.event("noted", "warning")
            assert [line["event"] for line in lines(out)] == ["request", "noted"]
            log.exchange(served)
            await asyncio.to_thread(log.event, "noted")

        asyncio.run(serve())

        assert [line["event"] for line in lines(out)] == ["request", "noted"] * 2

    def test_no_more_is_written_at_once_than_a_pipe_takes_in_one_piece(self, log, out, served):
        async def serve():
            for _ in range(100):
                log.exchange(served)
            log.flush()

        asyncio.run(serve())

        assert len(lines(out)) == 100
        assert 1 < len(out.pieces) < 50
        assert all(len(piece.encode()) <= PIECE_BYTES and piece.endswith("\n") for piece in out.pieces)

    def test_a_loop_that_ended_too_soon_loses_nothing(self, log, out, served):
        async def serve():
            log.exchange(served)

        asyncio.run(serve())
        asyncio.run(serve())
        log.flush()

        assert len(lines(out)) == 2

    def test_threads_that_write_meanwhile_tear_no_line(self, log, out, served):
        async def serve():
            threads = [threading.Thread(target=many) for _ in range(4)]
            for thread in threads:
                thread.start()
            for _ in range(200):
                log.exchange(served)
            while any(thread.is_alive() for thread in threads):
                await asyncio.sleep(0)
            log.flush()

        def many():
            for number in range(100):
                log.event("noted", number=number)

        asyncio.run(serve())

        assert sorted(line["event"] for line in lines(out)) == ["noted"] * 400 + ["request"] * 200

    @pytest.mark.parametrize("end", ["raise LookupError", "sys.exit(3)", "return"])
    def test_a_process_that_ends_has_written_every_line(self, end):
        code = f"""
import asyncio, sys
from support.books import attempt, decision_made, finished, settled
from gateway.telemetry.exchange import Exchange
from gateway.telemetry.logs import Log

async def serve():
    Log("edge").exchange(Exchange(decision_made(1), ((attempt(1), settled(1)),), finished(1)))
    {end}

asyncio.run(serve())
"""
        environment = {**os.environ, "PYTHONPATH": f"{TESTS}:{TESTS.parent}"}
        ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)

        assert b'"event":"request","id":"dec_000001"' in ended.stderr


def test_the_time_of_a_line_goes_on_with_the_clock(log, out, monkeypatch):
    for now in (1_795_000_000_999_999_999, 1_795_000_001_000_000_000, 1_795_000_001_020_000_000):
        monkeypatch.setattr(logs.time, "time_ns", lambda now=now: now)
        log.event("x")

    assert [line["time"] for line in lines(out)] == [
        "2026-11-18T11:06:40.999+00:00",
        "2026-11-18T11:06:41.000+00:00",
        "2026-11-18T11:06:41.020+00:00",
    ]
