"""Measures the gateway against the same upstream asked directly, in one run, the edge pinned to one core.

Usage: make loadtest, or python -m loadtest.run [--rounds N] [--seconds S] [--no-write]. Bounded in count and time;
all traffic stays on loopback. What counts are the ratios: absolute figures depend on the machine.
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.stores.keys.sqlite import SqliteKeys

HERE = Path(__file__).parent
EDGE_CORE, OTHER_CORE = 0, max(0, (os.cpu_count() or 1) - 1)
CONNECTIONS = {"whole": 8, "stream": 24}
MARK = "<!-- results -->"


@dataclass
class Measured:
    """One mode of one round."""

    direct: dict
    through: dict
    edge_us: float
    ledger_us: float


def cpu_ns(pid: int) -> int:
    return sum(int(task.read_text().split()[0]) for task in Path(f"/proc/{pid}/task").glob("*/schedstat"))


def rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def pinned(core: int):
    return lambda: os.sched_setaffinity(0, {core})


def policy(upstream: str) -> str:
    target = {
        "id": "fast",
        "zone": "local",
        "kind": "sglang",
        "model": "m",
        "endpoints": [upstream],
        "clearance": "restricted",
        "context_window": 32768,
        "max_output_tokens": 8192,
        "price": {"gpu_hour_usd": 2.5, "gpus": 1, "tokens_per_second": 2400},
        "quality": {"default": 0.8},
    }
    closed = {
        "id": "vendor",
        "zone": "closed",
        "kind": "openai",
        "model": "gpt-5",
        "api_key_env": "OPENAI_API_KEY",
        "clearance": "internal",
        "price": "catalog",
        "quality": {"default": 0.9},
    }
    return json.dumps(
        {
            "version": 1,
            "targets": [target, closed],
            "models": [{"name": "auto", "candidates": ["fast", "vendor"], "substitution": "free"}],
            "teams": [{"id": "load", "default_class": "internal", "reference": "vendor"}],
            "rules": [
                {"kind": "license", "deny": ["forbidden"]},
                {"kind": "capability"},
                {"kind": "residency", "when": "team == 'legal'", "regions": ["eu"]},
                {"kind": "quality_floor", "when": "task == 'code'", "min": 0.7},
                {"kind": "max_cost", "usd": 0.5, "estimate": "expected"},
                {"kind": "prefer", "by": "cost"},
            ],
        }
    )


@dataclass
class Gateway:
    """The gateway under load."""

    url: str
    key: str
    pids: dict[str, int]


def start(stack: ExitStack, directory: Path, upstream: str) -> Gateway:
    policies, data = directory / "policies", directory / "data"
    policies.mkdir()
    data.mkdir()
    (policies / "policy.json").write_text(policy(upstream))
    key = SqliteKeys(data / "keys.sqlite3").create("load", now=time.time())[1]
    log = directory / "log"
    command = [sys.executable, "-m", "gateway", "serve", "--policies", str(policies), "--data-dir", str(data)]
    process = subprocess.Popen([*command, "--port", "0", "--admin-port", "0"], stderr=log.open("wb"))
    stack.callback(process.wait)
    stack.callback(process.terminate)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        text = log.read_text()
        found = re.search(r"data plane (\S+),", text)
        pids = {line["child"]: line["pid"] for line in events(text) if line["event"] == "child_started"}
        if found and len(pids) == 3:
            with suppress(OSError), urllib.request.urlopen(found[1] + "/readyz"):  # 503 raises, which is an OSError
                break
        time.sleep(0.1)
    else:
        raise SystemExit(f"the gateway did not start:\n{log.read_text()}")
    os.sched_setaffinity(pids["edge"], {EDGE_CORE})
    for child in ("egress", "ledger"):
        os.sched_setaffinity(pids[child], {OTHER_CORE})
    time.sleep(2)
    return Gateway(found[1], key, pids)


def events(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def load(url: str, key: str, mode: str, seconds: float, pids: dict[str, int]) -> tuple[dict, dict[str, int]]:
    """Run the client; return what it saw and the CPU that each process used while it measured."""
    command = [sys.executable, "-m", "loadtest.client", url, key, str(CONNECTIONS[mode]), str(seconds), mode]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=pinned(OTHER_CORE)) as client:
        assert client.stdout is not None
        client.stdout.readline()
        before = {name: cpu_ns(pid) for name, pid in pids.items()}
        seen = json.loads(client.stdout.readline())
        used = {name: cpu_ns(pid) - before[name] for name, pid in pids.items()}
    return seen, used


def measure(upstream: str, gateway: Gateway, mode: str, seconds: float) -> Measured:
    direct, _ = load(upstream, "none", mode, seconds, {})
    through, used = load(gateway.url, gateway.key, mode, seconds, gateway.pids)
    assert not direct["errors"], direct
    assert not through["errors"], through
    units = through["chunks"] if mode == "stream" else through["answers"]
    return Measured(direct, through, used["edge"] / units / 1000, used["ledger"] / units / 1000)


def import_ms() -> float:
    """The edge's imports in a fresh interpreter, best of three."""
    code = "import time; t = time.perf_counter(); import gateway.bootstrap.edge; print(time.perf_counter() - t)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(3)]
    return min(float(run.stdout) for run in runs) * 1000


def table(rounds: dict[str, list[Measured]], idle_mb: float, loaded_mb: float) -> str:
    def middle(mode, value):
        return statistics.median(value(each) for each in rounds[mode])

    def row(name, mode, unit, key, digits=2):
        direct = middle(mode, lambda each: each.direct[key])
        through = middle(mode, lambda each: each.through[key])
        cells = [f"{value:.{digits}f} {unit}" for value in (direct, through, through - direct)]
        return f"| {name} | {' | '.join(cells)} |"

    def rate(each, side):
        seen = getattr(each, side)
        return seen["answers"] / seen["seconds"]

    rates = {side: middle("whole", lambda each, side=side: rate(each, side)) for side in ("direct", "through")}
    whole, stream = (middle(mode, lambda each: each.edge_us) for mode in ("whole", "stream"))
    share = 100 * middle("whole", lambda each: each.through["answers"] * each.edge_us / each.through["seconds"] / 1e6)
    about = f"Measured {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}"
    rounds_text = f"median of {len(rounds['whole'])} rounds, direct and through the gateway in turn."
    busy = f"{rates['through']:.0f} (direct: {rates['direct']:.0f}), core {share:.0f} % busy"
    lines = [
        f"{about}: {rounds_text}",
        "",
        "| edge process, one core | |",
        "|---|---|",
        f"| CPU a request (whole answer) | **{whole:.0f} µs** |",
        f"| CPU a streamed chunk (everything of its request included) | **{stream:.0f} µs** |",
        f"| requests a second, {CONNECTIONS['whole']} connections | {busy} |",
        f"| CPU of the ledger child a request | {middle('whole', lambda each: each.ledger_us):.0f} µs |",
        f"| RSS idle / after the load | {idle_mb:.0f} / {loaded_mb:.0f} MB |",
        f"| import time | {import_ms():.0f} ms |",
        "",
        "| | direct | through the gateway | added |",
        "|---|---|---|---|",
        row(f"whole answer p50, {CONNECTIONS['whole']} connections", "whole", "ms", "p50_ms"),
        row("whole answer p99", "whole", "ms", "p99_ms"),
        row(f"first token p50, {CONNECTIONS['stream']} streams", "stream", "ms", "ttft_p50_ms"),
        row("first token p99", "stream", "ms", "ttft_p99_ms"),
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--no-write", action="store_true", help="print only")
    asked = parser.parse_args()
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-load-")))
        port = 18_000 + os.getpid() % 10_000
        upstream = subprocess.Popen(
            [sys.executable, "-m", "loadtest.upstream", str(port)], preexec_fn=pinned(OTHER_CORE)
        )
        stack.callback(upstream.wait)
        stack.callback(upstream.terminate)
        gateway = start(stack, directory, f"http://127.0.0.1:{port}")
        idle = rss_mb(gateway.pids["edge"])
        rounds: dict[str, list[Measured]] = {"whole": [], "stream": []}
        for number in range(asked.rounds):
            for mode, found in rounds.items():
                print(f"round {number + 1}/{asked.rounds}: {mode} …", file=sys.stderr, flush=True)
                found.append(measure(f"http://127.0.0.1:{port}", gateway, mode, asked.seconds))
        text = table(rounds, idle, rss_mb(gateway.pids["edge"]))
    print(text)
    if not asked.no_write:
        readme = HERE / "README.md"
        before = readme.read_text(encoding="utf-8").split(MARK)[0]
        readme.write_text(f"{before}{MARK}\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
