"""The worker that reads PDFs, as a process: it holds its limits and its doors."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

from gateway.deepscan import pdf_worker as module
from gateway.deepscan.pdf_wire import HEAD, LENGTH, READY

HERE = Path(__file__).parent / "pdfs"
PLAIN = (HERE / "fpdf2-plain.pdf").read_bytes()


def run(code: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60)


def test_it_reads_until_its_input_ends():
    asked = b"".join(HEAD.pack(len(data), 10.0, 5) + data for data in (PLAIN, b"no PDF", PLAIN))
    command = [sys.executable, "-m", "gateway.deepscan.pdf_worker"]
    done = subprocess.run(
        command, input=asked, capture_output=True, check=True, timeout=60, env={"PATH": os.environ["PATH"]}
    )
    rest, answers = done.stdout.removeprefix(READY), []
    while rest:
        (size,) = LENGTH.unpack(rest[: LENGTH.size])
        answers.append(json.loads(rest[LENGTH.size : LENGTH.size + size]))
        rest = rest[LENGTH.size + size :]
    assert answers[1] == {"why": "damaged"}
    assert answers[0] == answers[2]
    assert answers[0]["texts"][0].startswith("Minutes")


def test_too_much_memory_is_said_and_ends_it():
    code = "import gateway.deepscan.pdf_worker as w\nw.serve = lambda *_: print(w.answered(b'', 1))\n"
    code += "w.texts = lambda *_: bytearray(2_000_000_000)\nw.main()"
    assert b'"why": "memory"' in run(code).stdout


def test_too_much_time_ends_it():
    done = run("import gateway.deepscan.pdf_worker as w\nw.limit_time(0.5)\nwhile True: pass")
    assert done.returncode == -24  # SIGXCPU


def test_it_opens_no_file_for_writing_and_no_connection(tmp_path):
    for reach in (f"open({str(tmp_path / 'x')!r}, 'w')", "__import__('socket').create_connection(('127.0.0.1', 9))"):
        done = run(f"import gateway.deepscan.pdf_worker as w\nw.serve = lambda *_: {reach}\nw.main()")
        assert b"PermissionError" in done.stderr


def test_the_time_of_a_file_is_counted_from_its_start(monkeypatch):
    seen = []
    monkeypatch.setattr(module.resource, "setrlimit", lambda _, limits: seen.append(limits[0]))
    module.limit_time(3.0)
    used = resource.getrusage(resource.RUSAGE_SELF)
    assert seen[0] >= used.ru_utime + used.ru_stime + 2
