"""Where the CPU time of a request goes, by stage, in the edge's own process.

    python -m loadtest.stages [--requests 4000] [--rounds 3] [--stream] [--size BYTES] [--functions 40]

The real edge runs here, put together as in production: HTTP protocol, key, scan, decision, hold, spool with fsync,
metrics and log line. Its callers are stand-ins in this process; the upstream is another process on loopback. Counted is
the CPU time of all threads. A timer of CPU time looks at the main thread's stack every few milliseconds: the stage of a
sample is the innermost function that the table below knows; what is done in threads counts as "event loop, other".
"""

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from types import FrameType
from typing import Self

import uvloop

from gateway.bootstrap.child import Handed
from gateway.bootstrap.edge import EdgeParts, assembled, world_of
from gateway.bootstrap.serving import server_of
from gateway.bootstrap.settle import settle
from gateway.edge.app import Edge
from gateway.settings import Settings
from gateway.stores.data_dir import DataDir
from gateway.stores.keys.sqlite import SqliteKeys
from gateway.stores.policy.files import read_policies
from gateway.stores.policy.kept import KeptPolicy
from loadtest import scene

TICK_S = 0.002
CALLERS = {False: 8, True: 40}
"""How many call at once, by whether they stream."""
WARM_UP = 200
BATCH = 80
UNITS = 20

STAGES: tuple[tuple[str, str], ...] = (
    # a part of a file's name below gateway/ (or of a library), the stage
    ("/uvicorn/", "http"),
    ("bootstrap/serving", "http"),
    ("bootstrap/protocol", "http"),
    ("bootstrap/protocol", "http"),
    ("gateway/asgi", "http"),
    ("edge/app", "edge"),
    ("pipeline/handle", "pipeline"),
    ("pipeline/authenticate", "key"),
    ("stores/keys", "key"),
    ("pipeline/request", "parse"),
    ("wire/body", "parse"),
    ("wire/reserved", "parse"),
    ("wire/remote", "parse"),
    ("wire/openai_chat", "parse"),
    ("pipeline/label", "label"),
    ("sensitivity/", "scan"),
    ("patterns/", "scan"),
    ("gateway/scanning", "scan"),
    ("sensitivity/conversation", "conversation"),
    ("pipeline/session", "conversation"),
    ("stores/sessions", "conversation"),
    ("pipeline/standing", "facts"),
    ("pipeline/gather", "facts"),
    ("domain/facts", "facts"),
    ("policy/", "decision"),
    ("policy/conditions", "conditions (CEL)"),
    ("estimation/", "decision"),
    ("domain/decision", "decision"),
    ("pipeline/payment", "hold and settlement"),
    ("stores/state", "hold and settlement"),
    ("pipeline/booking", "booking"),
    ("pricing/", "booking"),
    ("pipeline/finishing", "booking"),
    ("domain/records", "records"),
    ("stores/spool", "spool"),
    ("pipeline/dispatch", "attempt"),
    ("pipeline/attempting", "attempt"),
    ("pipeline/permit", "attempt"),
    ("pipeline/sending", "attempt"),
    ("failover/", "attempt"),
    ("upstream/", "upstream client"),
    ("pipeline/relay", "relay"),
    ("pipeline/headers", "headers"),
    ("wire/sse", "relay"),
    ("telemetry/metrics", "metrics"),
    ("telemetry/counting", "metrics"),
    ("prometheus_client", "metrics"),
    ("telemetry/logs", "log line"),
    ("anyio/", "anyio"),
)


class Samples:
    """Stacks of the main thread, taken by a timer of CPU time."""

    def __init__(self) -> None:
        self.stages: Counter[str] = Counter()
        self.functions: Counter[str] = Counter()
        """Samples in a function or in what it called."""
        self._known: dict[str, str] = {}

    def __enter__(self) -> Self:
        signal.signal(signal.SIGPROF, self._take)
        signal.setitimer(signal.ITIMER_PROF, TICK_S, TICK_S)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _take(self, _number: int, frame: FrameType | None) -> None:
        found, seen = "", set()
        while frame is not None:
            code = frame.f_code
            found = found or self._stage(code.co_filename)
            seen.add(f"{_short(code.co_filename)}:{code.co_qualname}")
            frame = frame.f_back
        self.stages[found or "event loop, other"] += 1
        self.functions.update(seen)

    def _stage(self, file: str) -> str:
        if file not in self._known:
            named = file if "/gateway/" in file or "site-packages" in file else ""
            hits = [(len(part), stage) for part, stage in STAGES if part in named]
            self._known[file] = max(hits)[1] if hits else ""
        return self._known[file]


def _short(file: str) -> str:
    return file.rpartition("/gateway/")[2] if "/gateway/" in file else "/".join(file.split("/")[-2:])


class Transport(asyncio.Transport):
    """The socket of a caller that takes everything."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.pieces: list[bytes] = []
        self.done = asyncio.Event()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        piece = bytes(data)
        self.pieces.append(piece)
        if piece.endswith(b"0\r\n\r\n") or (len(self.pieces) == 1 and b"\r\n\r\n{" in piece) or piece.startswith(b"{"):
            self.done.set()

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        self.done.set()

    def abort(self) -> None:
        self.done.set()

    def pause_reading(self) -> None:
        return

    def resume_reading(self) -> None:
        return

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        del high, low


class Caller:
    """One connection of a caller."""

    def __init__(self, protocol: asyncio.Protocol, request: bytes) -> None:
        self._protocol, self._request, self._transport = protocol, request, Transport()
        protocol.connection_made(self._transport)

    async def call(self) -> int:
        """Make a call; return how many chunks came."""
        transport = self._transport
        transport.pieces.clear()
        transport.done.clear()
        self._protocol.data_received(self._request)
        await transport.done.wait()
        answer = b"".join(transport.pieces)
        assert answer.startswith(b"HTTP/1.1 200"), answer[:600]
        await asyncio.sleep(0)
        return answer.count(b"data: {")


async def measured(directory: Path, upstream: str, asked: argparse.Namespace) -> None:
    """Run the edge and print the table."""
    settings, key = made(directory, upstream)
    read, write = os.pipe()
    os.write(write, secrets.token_bytes(32))
    os.close(write)
    with (directory / "log").open("w") as log, contextlib.redirect_stderr(log):
        parts = assembled(settings, Handed(str(directory), key=read))
        await served(parts, key, asked)


async def served(parts: EdgeParts, key: str, asked: argparse.Namespace) -> None:
    """Serve the calls and print the table."""
    app = Edge(world_of(parts), None, None, parts.metrics, parts.log)  # type: ignore[arg-type]  # no reads here
    server = server_of(app, 1, 60)
    make = protocols(server)
    body = scene.agent(asked.agent) if asked.agent else scene.request(stream=asked.stream, size=asked.size)
    raw = json.dumps(body).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {key}\r\n"
    head += f"user-agent: stages/1\r\ncontent-type: application/json\r\ncontent-length: {len(raw)}\r\n\r\n"
    callers = [Caller(make(), head.encode() + raw) for _ in range(CALLERS[asked.stream])]
    chunks = 0

    async def some(number: int) -> None:
        nonlocal chunks

        async def turn(caller: Caller) -> None:
            nonlocal chunks
            for _ in range(number // len(callers)):
                came = await caller.call()
                chunks += came

        async with asyncio.TaskGroup() as group:
            for caller in callers:
                group.create_task(turn(caller))

    await some(WARM_UP)
    settle()
    found, units, samples, done = [], [], Samples(), 0
    for _ in range(asked.rounds):
        taken = unit_s = 0.0
        chunks = done = 0
        while done < asked.requests:
            began = time.process_time()
            with samples:
                await some(BATCH)
            taken += time.process_time() - began
            unit_s += scene.unit(UNITS)
            done += BATCH
        found.append(taken / done * 1e6)
        units.append(taken / unit_s * UNITS / BATCH)
    report(found, units, samples, asked.functions, chunks / done)
    parts.spool.close()


def protocols(server: object) -> Callable[[], asyncio.Protocol]:
    """Return what makes the server's protocol, one for a connection."""
    config = server.config  # type: ignore[attr-defined]
    config.load()
    return lambda: config.http_protocol_class(config=config, server_state=server.server_state, app_state={})  # type: ignore[attr-defined]


def made(directory: Path, upstream: str) -> tuple[Settings, str]:
    """Make policy and key; return settings and key."""
    policies, data = directory / "policies", directory / "data"
    policies.mkdir()
    data.mkdir(mode=0o700)
    (policies / "policy.json").write_text(scene.policy(upstream))
    KeptPolicy(DataDir(data).policy).take(read_policies(policies))
    key = SqliteKeys(data / "keys.sqlite3").create(scene.KEYS_TEAM, now=time.time())[1]
    return Settings(policies=policies, data_dir=data), key


def report(found: list[float], units: list[float], samples: Samples, functions: int, chunks: float) -> None:
    """Print microseconds by stage."""
    whole, us = sum(samples.stages.values()), median(found)
    print(f"{us:.0f} µs a request (rounds: {', '.join(f'{one:.0f}' for one in found)})", end="")
    print(f", {us / chunks:.1f} µs a chunk" if chunks else "", end="")
    print(f"; {median(units):.2f} times the unit ({', '.join(f'{one:.2f}' for one in units)})")
    for stage, number in samples.stages.most_common():
        print(f"{number / whole * us:8.1f} µs {number / whole * 100:5.1f} %  {stage}")
    for name, number in samples.functions.most_common(functions):
        print(f"{number / whole * us:8.1f} µs  {name}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--stream", action="store_true")
    parser.add_argument("--size", type=int, default=scene.PROMPT_BYTES, help="bytes of the prompt")
    parser.add_argument("--agent", type=int, default=0, help="send an agent's session of so many bytes instead")
    parser.add_argument("--functions", type=int, default=0, help="also print so many functions with all they call")
    asked = parser.parse_args()
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-stages-")))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        upstream = subprocess.Popen([sys.executable, "-m", "loadtest.upstream", str(port)])
        stack.callback(upstream.wait)
        stack.callback(upstream.terminate)
        reachable(port)
        uvloop.run(measured(directory, f"http://127.0.0.1:{port}", asked))


def reachable(port: int) -> None:
    """Wait for the upstream."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 0.3).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the upstream did not start")


if __name__ == "__main__":
    main()
