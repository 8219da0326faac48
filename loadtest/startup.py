"""Measures the start: time until ready, CPU and memory of each process, and the CPU of commands.

Usage: python -m loadtest.startup [--code DIR] [--rounds N]. Prints one JSON object a line; with --code another checkout
is measured, by this interpreter. Everything runs on one core; nothing is sent to anybody.
"""

import argparse
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from loadtest.run import cpu_ns, events, pinned, policy, rss_mb

ROOT = Path(__file__).parents[1]
IDLE_S = 5.0
LONGEST_S = 120.0
COMMANDS = {
    "--help": ["--help"],
    "keys list": ["keys", "list", "--data-dir", "{data}"],
    "decisions list": ["decisions", "list", "--data-dir", "{data}"],
    "report costs": ["report", "costs", "--data-dir", "{data}"],
    "policy check, shipped": ["policy", "check", "--policies", "{shipped}"],
    "policy test, shipped": ["policy", "test", "--policies", "{shipped}"],
}


def environment(code: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(code), "OPENAI_API_KEY": "none", "ANTHROPIC_API_KEY": "none"}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def ready(port: int) -> bool:
    with suppress(OSError):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    return False


def started(code: Path, policies: Path, data: Path) -> dict:
    """Start the gateway on one core; return when it was ready, and what each process used until then and holds idle."""
    log, port = data.parent / "log", free_port()
    command = [sys.executable, "-m", "gateway", "serve", "--policies", str(policies), "--data-dir", str(data)]
    command += ["--port", str(port), "--admin-port", "0"]
    began = time.monotonic()
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command, stderr=errors, stdout=errors, cwd=data.parent, env=environment(code), preexec_fn=pinned(0)
        )
    try:
        while not ready(port) or b"gateway: ready" not in log.read_bytes():
            if process.poll() is not None or time.monotonic() - began > LONGEST_S:
                raise SystemExit(f"the gateway did not start:\n{log.read_text()}")
            time.sleep(0.02)
        took = time.monotonic() - began
        pids = {"supervisor": process.pid}
        pids |= {line["child"]: line["pid"] for line in events(log.read_text()) if line["event"] == "child_started"}
        cpu = {name: round(cpu_ns(pid) / 1e9, 2) for name, pid in pids.items()}
        time.sleep(IDLE_S)
        idle = {name: round(rss_mb(pid), 1) for name, pid in pids.items()}
    finally:
        process.terminate()
        process.wait()
    return {"ready_s": round(took, 2), "cpu_s": cpu, "idle_mb": idle, "idle_sum_mb": round(sum(idle.values()), 1)}


def command_cpu(code: Path, arguments: list[str], cwd: Path) -> float:
    """Seconds of user and system CPU of one command."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=cwd,
        env=environment(code),
        preexec_fn=pinned(0),
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def policies_of(directory: Path) -> dict[str, Path]:
    """A policy that needs no translation, and the same one with a target that does."""
    plain = policy("http://127.0.0.1:9")
    both = {"without litellm": plain, "with litellm": re.sub(r'"kind": "openai"', '"kind": "anthropic"', plain)}
    found = {}
    for name, text in both.items():
        found[name] = directory / name.replace(" ", "-")
        found[name].mkdir()
        (found[name] / "policy.json").write_text(
            text.replace("gpt-5", "claude-sonnet-4-5") if "anthropic" in text else text
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--code", type=Path, default=ROOT, help="a checkout of the gateway.  [default: this one]")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    code = asked.code.resolve()
    with tempfile.TemporaryDirectory(prefix="gateway-start-") as place:
        here = Path(place)
        for name, policies in policies_of(here).items():
            for number in range(asked.rounds):
                data = here / "data" / policies.name / "data"
                data.parent.mkdir(parents=True, exist_ok=True)
                turn = "first start" if number == 0 else "later start"
                print(json.dumps({"serve": name, "turn": turn, **started(code, policies, data)}), flush=True)
        for name, words in COMMANDS.items():
            filled = [word.format(data=here / "none", shipped=code / "policies") for word in words]
            used = [command_cpu(code, filled, here) for _ in range(max(3, asked.rounds))]
            print(json.dumps({"command": name, "cpu_s": round(statistics.median(used), 2)}), flush=True)


if __name__ == "__main__":
    main()
