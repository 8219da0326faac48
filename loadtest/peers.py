"""What a request and a streamed chunk cost other gateways and this one, in one run, on one core.

    make loadtest-peers [ARGS="--rounds 4 --seconds 4 --only ours,nginx"]

All processes of a gateway share core 0; the upstream and the load client have core 1. Counted is the CPU time of all
processes of a gateway, from ``/proc/*/schedstat``, ours until the ledger child has shipped everything. What counts are
the ratios to nginx, which only forwards bytes; SMG and LiteLLM's proxy decide nothing and keep no books here. ``make``
puts the others into environments of their own; no key is needed, and nothing leaves loopback. This gateway
runs with the quickest interpreter of its release that the machine has (:mod:`loadtest.interpreter`), LiteLLM's proxy
with the one of its environment: with an older patch release it lacks a package.
"""

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from gateway.stores.keys.sqlite import SqliteKeys
from loadtest import scene
from loadtest.interpreter import quickest
from loadtest.run import cpu_ns, pinned, rss_mb
from loadtest.stages import reachable
from loadtest.startup import free_port

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / ".tools" / "peers"
PEERS = ROOT / ".venv-peers"
SERVER_CORE, OTHER_CORE = 0, max(0, (os.cpu_count() or 1) - 1)
CONNECTIONS = {"whole": 32, "stream": 40}
LONGEST_START_S = 120.0
LONGEST_SHIPPING_S = 20.0
SECRET = "sk-" + "0" * 16
NGINX = """
daemon off; master_process off; worker_processes 1; pid {dir}/pid; error_log {dir}/errors;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000; client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy;
  fastcgi_temp_path {dir}/f; uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
  upstream up {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 1000000; }}
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://up; proxy_http_version 1.1;
    proxy_set_header Connection ""; proxy_buffering off; }} }}
}}
"""


@dataclass
class Server:
    """One gateway that is up."""

    name: str
    pid: int
    url: str
    key: str
    ready_s: float

    def pids(self) -> list[int]:
        """Return its process and all that it started."""
        found, todo = [], [self.pid]
        while todo:
            pid = todo.pop()
            try:
                children = [task.read_text() for task in Path(f"/proc/{pid}/task").glob("*/children")]
            except OSError:
                continue
            found.append(pid)
            todo += [int(child) for text in children for child in text.split()]
        return found

    def cpu_us(self) -> float:
        """Return the CPU time of all its processes, in microseconds."""
        return sum(cpu_ns(pid) for pid in self.pids()) / 1e3

    def settled_us(self) -> float:
        """Return the same once it works no more: a ledger that lags behind is counted."""
        end, before = time.monotonic() + LONGEST_SHIPPING_S, self.cpu_us()
        while time.monotonic() < end:
            time.sleep(0.6)
            now = self.cpu_us()
            if now - before < 30_000:
                return now
            before = now
        return before


class Bench:
    """Starts and ends what is measured."""

    def __init__(self, stack: ExitStack, directory: Path) -> None:
        self.stack, self.directory = stack, directory
        self.python = quickest(Path(sys.prefix), directory / "python")
        self.upstream = free_port()
        self.spawn([sys.executable, "-m", "loadtest.upstream", str(self.upstream)], OTHER_CORE, "upstream")
        reachable(self.upstream)

    def spawn(self, command: list[str], core: int, name: str, **environ: str) -> subprocess.Popen:
        """Start a process in a group of its own, its output in a file."""
        with (self.directory / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env=os.environ | environ,
                preexec_fn=pinned(core),
                start_new_session=True,
            )
        self.stack.callback(ended, process)
        return process

    def server(self, name: str, command: list[str], port: int, key: str = SECRET, **environ: str) -> Server:
        """Start a gateway and wait until it serves a call."""
        began = time.monotonic()
        process = self.spawn(command, SERVER_CORE, name, **environ)
        while not serves(port, key):
            if process.poll() is not None or time.monotonic() - began > LONGEST_START_S:
                raise SystemExit(f"{name} did not start:\n{(self.directory / f'{name}.log').read_text()[-3000:]}")
            time.sleep(0.1)
        return Server(name, process.pid, f"http://127.0.0.1:{port}", key, time.monotonic() - began)

    def nginx(self) -> Server:
        """A proxy that forwards bytes."""
        port, place = free_port(), self.directory / "nginx"
        place.mkdir()
        (place / "conf").write_text(NGINX.format(dir=place, upstream=self.upstream, port=port))
        binary = TOOLS / "usr/sbin/nginx"
        return self.server("nginx", [str(binary), "-c", str(place / "conf"), "-e", str(place / "errors")], port)

    def smg(self) -> Server:
        """SGLang's router in Rust, round robin over one worker."""
        port = free_port()
        command = [str(PEERS / "bin" / "python"), "-m", "smg.launch_router", "--host", "127.0.0.1", "--port", str(port)]
        command += ["--worker-urls", f"http://127.0.0.1:{self.upstream}", "--policy", "round_robin"]
        command += ["--prometheus-host", "127.0.0.1", "--prometheus-port", str(free_port()), "--log-level", "warn"]
        return self.server("SMG", command, port)

    def litellm(self) -> Server:
        """LiteLLM's proxy with one model, one worker, no database."""
        port, config = free_port(), self.directory / "litellm.yaml"
        target = {"model": "openai/m", "api_base": f"http://127.0.0.1:{self.upstream}/v1", "api_key": "none"}
        models = [{"model_name": "auto", "litellm_params": target}]
        config.write_text(json.dumps({"model_list": models, "general_settings": {"master_key": SECRET}}))
        command = [
            str(PEERS / "bin" / "litellm"),
            "--config",
            str(config),
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
        ]
        command += ["--num_workers", "1", "--telemetry", "False"]
        return self.server("LiteLLM proxy", command, port, LITELLM_LOCAL_MODEL_COST_MAP="True", LITELLM_LOG="ERROR")

    def ours(self, name: str = "ours", more: Sequence[str] = (), **environ: str) -> Server:
        """This gateway with everything on: key, scan, eight rules, budget, fsync, metrics, log line."""
        port, place = free_port(), self.directory / name.replace(" ", "-")
        policies, data = place / "policies", place / "data"
        policies.mkdir(parents=True)
        data.mkdir(mode=0o700)
        (policies / "policy.json").write_text(scene.policy(f"http://127.0.0.1:{self.upstream}"))
        key = SqliteKeys(data / "keys.sqlite3").create(scene.KEYS_TEAM, now=time.time())[1]
        command = [self.python, "-m", "gateway", "serve", "--policies", str(policies), "--data-dir", str(data)]
        command += ["--port", str(port), "--admin-port", "0", *more]
        return self.server(name, command, port, key, VENDOR_KEY="none", **environ)

    def with_otlp(self) -> Server:
        """The same, and spans to a collector that takes everything."""
        sink = free_port()
        self.spawn([sys.executable, "-m", "loadtest.upstream", str(sink)], OTHER_CORE, "sink")
        reachable(sink)
        return self.ours("ours, OTLP", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{sink}")


def ended(process: subprocess.Popen) -> None:
    """End a process and all of its group."""
    for number, seconds in ((signal.SIGTERM, 15), (signal.SIGKILL, 5)):
        try:
            os.killpg(process.pid, number)
            process.wait(seconds)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
        else:
            return


def serves(port: int, key: str) -> bool:
    """Return whether a call is answered."""
    body = json.dumps(scene.request()).encode()
    head = "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n"
    head += f"authorization: Bearer {key}\r\ncontent-length: {len(body)}\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as line:
            line.sendall(head.encode() + body)
            return line.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def load(server: Server, mode: str, seconds: float, connections: int, *more: str) -> dict:
    """Call a server for some seconds; return what the client saw. ``more``: further arguments of the client."""
    command = [sys.executable, "-m", "loadtest.client", server.url, server.key, str(connections), str(seconds), mode]
    command += more
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, preexec_fn=pinned(OTHER_CORE))
    seen = json.loads(run.stdout.splitlines()[-1])
    assert not seen["errors"], (server.name, seen)
    return seen


def measured(server: Server, seconds: float) -> dict[str, float]:
    """Return one round of a server: microseconds a request and a chunk, and the median of one caller alone."""
    found: dict[str, float] = {}
    for mode, unit in (("whole", "all_answers"), ("stream", "all_chunks")):
        before = server.settled_us()
        seen = load(server, mode, seconds, CONNECTIONS[mode])
        found[mode] = (server.settled_us() - before) / seen[unit]
        if mode == "stream":
            found["ttft_ms"] = seen["ttft_p50_ms"]
    found["p50_ms"] = load(server, "whole", 1.0, 1)["p50_ms"]
    return found


def table(servers: list[Server], rounds: dict[str, list[dict[str, float]]], direct: dict[str, float]) -> str:
    """Return the table of medians."""

    def middle(name: str, what: str) -> float:
        return statistics.median(one[what] for one in rounds[name])

    lines = [
        "| | CPU a request | x nginx | CPU a chunk | x nginx | p50 of one caller added | first token added | memory |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for server in servers:
        cells = []
        for what in ("whole", "stream"):
            ratios = [one[what] / base[what] for one, base in zip(rounds[server.name], rounds["nginx"], strict=True)]
            cells += [f"{middle(server.name, what):.0f} µs", f"{statistics.median(ratios):.1f}"]
        cells += [f"{middle(server.name, what) - direct[what]:.2f} ms" for what in ("p50_ms", "ttft_ms")]
        cells.append(f"{sum(rss_mb(pid) for pid in server.pids()):.0f} MB")
        lines.append(f"| {server.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--only", default="nginx,smg,litellm,ours,with_otlp", help="which ones, nginx first")
    asked = parser.parse_args()
    with ExitStack() as stack:
        bench = Bench(stack, Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-peers-"))))
        makers: list[Callable[[], Server]] = [getattr(bench, name) for name in asked.only.split(",")]
        servers = [make() for make in makers]
        itself = Server("direct", 0, f"http://127.0.0.1:{bench.upstream}", "none", 0)
        alone = {
            "p50_ms": load(itself, "whole", 1.0, 1)["p50_ms"],
            "ttft_ms": load(itself, "stream", 2.0, CONNECTIONS["stream"])["ttft_p50_ms"],
        }
        for server in servers:
            load(server, "whole", 1.0, 8)
        rounds: dict[str, list[dict[str, float]]] = {server.name: [] for server in servers}
        for number in range(asked.rounds):
            for server in servers:
                print(f"round {number + 1}/{asked.rounds}: {server.name}", file=sys.stderr, flush=True)
                rounds[server.name].append(measured(server, asked.seconds))
        print(table(servers, rounds, alone))


if __name__ == "__main__":
    main()
