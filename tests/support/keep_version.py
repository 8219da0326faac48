"""Keep what this version writes: run it once a release; `tests/kept` reads the result with every later version.

    PYTHONPATH=tests python -m support.keep_version 0.1.0     # from the root; two minutes, loopback only

It starts a whole gateway with a policy that has every kind of rule, makes about 300 calls in both dialects (plain,
streamed, masked, refused, failed, cut off), stops the ledger child before the last ones so that a part stays in the
spool, and kills the gateway. What it leaves goes to ``tests/kept/<version>/``: ``data.tar.xz`` (ledger, spool, session
journal, chains of the egress), the two policies and ``expected.json``, what this version itself read in it.
"""

import argparse
import json
import os
import signal
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
from support.kept_policy import policies
from support.stack import Stack, stack

KEPT = Path(__file__).parents[1] / "kept"
CARD = "4539 1488 0343 6467"
MAIL = "jane.miller@kontor-12.de"
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PICTURE = [
    {"type": "text", "text": "What is on this picture?"},
    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
]
TOOL = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}
FAULTS: tuple[dict[str, Any], ...] = (
    {"status": 500},
    {"status": 429},
    {"status": 401},
    {"status": 400},
    {"garbage": True},
    {"wrong_content_type": True},
    {"cut": 0},
    {"cut": 4},
    {"hang_after": 4},
    {"no_done": True},
    {"error_event_after": 4},
    {"no_usage": True},
)


def calls(gateway: Stack, rounds: range) -> None:
    """Make the calls of some rounds; each round takes every way once."""
    for number in rounds:
        for team in ("support", "engineering", "legal", "data"):
            for model in ("auto", "cheap", "fast", "claude-sonnet-4-5", "gpt-5"):
                gateway.chat(f"Summarise ticket {number}.", team=team, model=model, stream=number % 2 == 0)
        agent = {"user_agent": "claude-cli/2.0", "x_gateway_session": f"agent-{number}"}
        for stream in (False, True):
            gateway.messages(f"Fix test {number}.", team="engineering", model="claude-x", stream=stream, headers=agent)
            gateway.messages(f"Write to {MAIL}", team="support", model="claude-x", stream=stream)
            gateway.chat(f"Write to {MAIL}", team="support", model="gpt-5", stream=stream)
        session = {"x_gateway_session": f"card-{number}"}
        gateway.chat(f"Charge {CARD}", model="gpt-5", headers=session)
        gateway.chat("Thanks", model="gpt-5", headers=session)
        gateway.messages(f"Charge {CARD}", model="claude-x", team="engineering")
        gateway.chat("Keep this here", team="data", headers={"x_gateway_data_class": "restricted"}, model="gpt-5")
        gateway.chat(PICTURE, team="engineering", model="auto")  # type: ignore[arg-type]
        gateway.chat("Use the tool", team="engineering", model="gpt-5", tools=[TOOL], n=2)
        gateway.chat("Use it", team="engineering", tools=[TOOL], stream=True)
        gateway.chat("Fix it", team="engineering", headers={"x_gateway_task": "code"})
        gateway.chat("Think well", team="engineering", model="best")
        gateway.chat("A lot", team="engineering", model="dear", max_tokens=8000)
        gateway.chat("Hello", team="data", model="nobody")


def failing(gateway: Stack) -> None:
    """Make calls to upstreams that fail in every way, streamed and not."""
    for fault in FAULTS:
        for sandbox, model in ((gateway.openai, "gpt-5"), (gateway.anthropic, "claude-x"), (gateway.sglang, "auto")):
            httpx.post(sandbox.url + "/sandbox/faults", json=fault | {"times": 2}).raise_for_status()
            for stream in (False, True):
                with suppress(httpx.HTTPError):  # an answer that is cut is what is wanted
                    gateway.chat("Hello", team="engineering", model=model, stream=stream)
            httpx.post(sandbox.url + "/sandbox/faults", json={}).raise_for_status()


def hang_up(gateway: Stack) -> None:
    """Close a stream after its first bytes."""
    body = {"model": "gpt-5", "messages": [{"role": "user", "content": "Hello"}], "stream": True, "max_tokens": 64}
    httpx.post(gateway.openai.url + "/sandbox/faults", json={"hang_after": 8, "times": 1}).raise_for_status()
    headers = gateway.headers("engineering")
    with httpx.stream("POST", gateway.url + "/v1/chat/completions", json=body, headers=headers) as answer:
        next(answer.iter_bytes())
    time.sleep(1)


def leave_open(gateway: Stack) -> None:
    """Start a call that never ends: the kill finds its attempt open."""
    httpx.post(gateway.sglang.url + "/sandbox/faults", json={"hang": True}).raise_for_status()
    Thread(target=_wait, args=(gateway,), daemon=True).start()
    gateway.wait_for(lambda: gateway.sglang.running > 0, "a call that hangs")


def _wait(gateway: Stack) -> None:
    with suppress(httpx.HTTPError):
        gateway.chat("Nobody answers", team="legal")


def record(gateway: Stack) -> None:
    """Run the gateway, and kill it while a part of what it wrote is in the spool alone."""
    first, second = policies(gateway.document, datetime.now(UTC).replace(microsecond=0) + timedelta(days=60))
    gateway.document = first
    gateway.settings["timeouts"] = {"connect": 20, "first_token": 20, "idle": 2, "total": 40}
    gateway.start()
    for model in ("gpt-5", "claude-x"):  # the first bridged call loads litellm
        gateway.chat(model=model, team="engineering")
    calls(gateway, range(3))
    failing(gateway)
    hang_up(gateway)
    hash_before = gateway.admin_get("/admin/v1/policy").json()
    gateway.document = second
    gateway.write_policy()
    gateway.wait_for(lambda: gateway.admin_get("/admin/v1/policy").json() != hash_before, "the second policy")
    calls(gateway, range(3, 5))
    time.sleep(3)
    os.kill(gateway.pids("ledger")[-1], signal.SIGSTOP)
    calls(gateway, range(5, 7))
    leave_open(gateway)
    pids = [gateway.pids(child)[-1] for child in ("ledger", "edge", "egress")]
    assert gateway.process is not None
    for pid in (gateway.process.pid, *pids):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    gateway.process.wait()
    gateway.process = None
    (gateway.directory / "first.json").write_text(json.dumps(first, indent=1) + "\n", encoding="utf-8")
    (gateway.directory / "second.json").write_text(json.dumps(second, indent=1) + "\n", encoding="utf-8")


def written(data: Path) -> Iterator[Path]:
    """Yield what is kept: no key, no salt, no token."""
    yield from sorted(data.glob("spool/*"))
    yield from sorted(data.glob("egress/*.chain"))
    yield data / "session-labels.jsonl"
    yield data / "instances"


def read(gateway: Stack) -> dict[str, Any]:
    """Return what this version reads in what it left."""
    now = datetime.now(UTC)
    day, tomorrow = now.date().isoformat(), (now + timedelta(days=1)).date().isoformat()
    listed = gateway.cli("decisions", "list", "--from", day, "--to", tomorrow, "--limit", "1000", "--format", "json")
    costs = {
        by: json.loads(
            gateway.cli("report", "costs", "--by", by, "--from", day, "--to", tomorrow, "--format", "json").stdout
        )["rows"]
        for by in ("team", "target", "model", "task")
    }
    return {
        "day": day,
        "to": tomorrow,
        "wall_ns": time.time_ns(),
        "decisions": json.loads(listed.stdout),
        "costs": costs,
    }


def keep(version: str) -> None:
    """Record and put it where the tests look."""
    place = KEPT / version
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, stack(Path(directory)) as gateway:
        record(gateway)
        database = sqlite3.connect(gateway.data_dir / "ledger.sqlite3")
        database.execute("pragma wal_checkpoint(truncate)")
        database.close()
        with tarfile.open(place / "data.tar.xz", "w:xz") as archive:
            for path in (gateway.data_dir / "ledger.sqlite3", *written(gateway.data_dir)):
                archive.add(path, path.relative_to(gateway.data_dir).as_posix(), filter=_nobody)
        for name in ("first", "second"):
            (place / f"{name}.json").write_bytes((gateway.directory / f"{name}.json").read_bytes())
        expected = read(gateway)
        (place / "expected.json").write_text(json.dumps(expected, indent=0) + "\n", encoding="utf-8")
        print(len(expected["decisions"]), "decisions kept in", place)


def _nobody(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("version")
    keep(parser.parse_args().version)
