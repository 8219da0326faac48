"""`gateway demo` ends with all that it started, however it is ended."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from support.processes import alive, descendants

LONG = 90.0


class Running:
    """A demo as a process, with a temporary directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.temporary = directory / "tmp"
        self.temporary.mkdir()
        self.output = directory / "output"
        self.process = subprocess.Popen(
            # A script's background job ignores Ctrl-C, and so would the demo.
            ["env", "--default-signal=INT,HUP", sys.executable, "-m", "gateway", "demo", "--calls", "3"],
            stdin=subprocess.DEVNULL,
            stdout=self.output.open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=os.environ | {"TMPDIR": str(self.temporary)},
            cwd=directory,
        )

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def logged(self) -> str:
        return "".join(log.read_text(errors="replace") for log in self.temporary.glob("gateway-demo-*/gateway.log"))

    def wait_for(self, pattern: str, source) -> None:
        end = time.monotonic() + LONG
        while not re.search(pattern, source()):
            assert time.monotonic() < end, f"never saw {pattern}: {self.said()[-2000:]}"
            assert self.process.poll() is None, self.said()
            time.sleep(0.05)

    def end(self, number: int) -> tuple[int, set[int]]:
        """Send a signal to the demo alone; return its status and what still runs of what it had started."""
        started = descendants(self.process.pid)
        assert len(started) >= 4  # supervisor, edge, egress, ledger
        self.process.send_signal(number)
        status = self.process.wait(LONG)
        return status, {pid for pid in started if alive(pid)}


@pytest.fixture
def demo(tmp_path):
    made = Running(tmp_path)
    yield made
    with suppress(ProcessLookupError):
        os.killpg(made.process.pid, signal.SIGKILL)
    made.process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_the_demo_with_all_that_it_started_and_removes_its_directory(demo, number):
    demo.wait_for("The gateway keeps running", demo.said)

    status, left = demo.end(number)

    assert (status, left) == (0, set())
    assert list(demo.temporary.iterdir()) == []
    assert demo.said().rstrip().endswith("stopped")


def test_a_signal_before_it_is_up_ends_all_as_well_and_is_the_exit_status(demo):
    demo.wait_for('"child":"ledger"', demo.logged)

    status, left = demo.end(signal.SIGTERM)

    assert (status, left) == (128 + signal.SIGTERM, set())
    assert list(demo.temporary.iterdir()) == []


def test_no_process_outlives_a_demo_that_was_killed(demo):
    demo.wait_for("The gateway keeps running", demo.said)

    _, left = demo.end(signal.SIGKILL)

    end = time.monotonic() + LONG
    while any(map(alive, left)):
        assert time.monotonic() < end, left
        time.sleep(0.05)
