"""What this gateway does at its limits, on one core beside the same upstream asked directly.

    python -m loadtest.limits [--only latency,streams,bodies,workers,slope] [--requests 1000000]

latency: one caller, half load, and 1, 10 and 40 streams. streams: 1,000 at once. bodies: CPU by size, beside nginx and
SMG. workers: two edges with a Redis, beside one. slope: memory over very many requests. As in ``loadtest.peers``, the
gateway has core 0 and everything else core 1; ``make loadtest-peers`` has installed what the others need.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from loadtest import scene
from loadtest.peers import Bench, Server, load
from loadtest.run import rss_mb

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

BODIES: dict[str, Callable[[], dict]] = {
    "1 KB": lambda: scene.request(size=1000),
    "50 KB": lambda: scene.request(size=50_000),
    "1 MB": lambda: scene.request(size=1_000_000),
    "coding agent": scene.coding_agent,
}
STEP = 100_000
"""Requests between two looks at the memory."""


def row(*cells: object) -> None:
    """Print a row of a table."""
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


@contextmanager
def bench() -> Iterator[tuple[Bench, Server]]:
    """Start an upstream; yield it twice: as what gateways are started with, and as what is asked directly."""
    with ExitStack() as stack:
        made = Bench(stack, Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-limits-"))))
        yield made, Server("direct", 0, f"http://127.0.0.1:{made.upstream}", "none", 0)


def latency(_: argparse.Namespace) -> None:
    """One caller, half load, 40 streams."""
    with bench() as (made, direct):
        ours = made.ours()
        load(ours, "whole", 2.0, 8)
        alone = [load(server, "whole", 4.0, 1) for server in (direct, ours)]
        row("one caller, added p50", f"{alone[1]['p50_ms'] - alone[0]['p50_ms']:.2f} ms")
        most = load(ours, "whole", 4.0, 32)
        rate = most["answers"] / most["seconds"]
        half = [load(server, "whole", 6.0, 16, "--rate", str(rate / 2)) for server in (direct, ours)]
        row("most requests a second", f"{rate:.0f}")
        row("half of it, p50 / p99", f"{half[1]['p50_ms']:.1f} / {half[1]['p99_ms']:.1f} ms")
        for streams in (1, 10, 40):
            seen = [load(server, "stream", 6.0, streams) for server in (direct, ours)]
            added = seen[1]["ttft_p50_ms"] - seen[0]["ttft_p50_ms"]
            ratio = seen[1]["gap_p99_ms"] / seen[0]["gap_p99_ms"]
            gaps = f"{seen[0]['gap_p99_ms']:.1f} / {seen[1]['gap_p99_ms']:.1f} ms ({ratio:.2f}x)"
            row(f"{streams} streams, first token added p50", f"{added:.2f} ms")
            row(f"{streams} streams, between tokens p99, direct / through", gaps)


def streams(_: argparse.Namespace) -> None:
    """A thousand streams at once."""
    with bench() as (made, direct):
        ours = made.ours()
        for server in (direct, ours):
            seen = load(server, "stream", 20.0, 1000)
            stalls = f"longest pause {seen['gap_most_ms']:.0f} ms, p99 {seen['gap_p99_ms']:.0f} ms"
            row(f"1,000 streams, {server.name}", f"{seen['answers']} whole, {seen['errors']} errors, {stalls}")
        row("memory of the edge", f"{max(rss_mb(pid) for pid in ours.pids()):.0f} MB")


def bodies(_: argparse.Namespace) -> None:
    """CPU a request by size."""
    with bench() as (made, _direct):
        servers = [made.nginx(), made.smg(), made.ours()]
        row("body", *(server.name for server in servers))
        row(*["---"] * (len(servers) + 1))
        for name, body in BODIES.items():
            file = made.directory / "body"
            file.write_text(json.dumps(body()))
            found = []
            for server in servers:
                before = server.settled_us()
                seen = load(server, "whole", 3.0, 8, "--body", str(file))
                found.append((server.settled_us() - before) / seen["all_answers"])
            size = f"{name} ({file.stat().st_size:,} bytes)"
            row(size, *(f"{us:.0f} µs ({us / found[0]:.1f}x)" for us in found))


def workers(_: argparse.Namespace) -> None:
    """Two edges with a Redis, beside one."""
    from support.redis_server import Server as Redis  # noqa: PLC0415 -- of the tests
    from support.redis_server import binary  # noqa: PLC0415

    with bench() as (made, _direct):
        made.python = sys.executable  # redis-py needs 3.11.3, and a system's Python may be older
        redis = Redis(str(binary()), made.directory)
        redis.start()
        made.stack.callback(redis.stop)
        state = {"GATEWAY_STATE__URL": redis.url}
        servers = [made.ours("one worker", **state), made.ours("two workers", ["--workers", "2"], **state)]
        found: dict[str, list[float]] = {server.name: [] for server in servers}
        for _round in range(4):
            for server in servers:
                before = server.settled_us()
                seen = load(server, "whole", 4.0, 32)
                found[server.name].append((server.settled_us() - before) / seen["all_answers"])
        ratio = statistics.median(two / one for one, two in zip(*found.values(), strict=True))
        for name, each in found.items():
            row(f"{name} with Redis", f"{statistics.median(each):.0f} µs a request")
        row("ratio", f"{ratio:.2f}")


def slope(asked: argparse.Namespace) -> None:
    """Memory over very many requests."""
    with bench() as (made, _direct):
        ours = made.ours()
        seen, sizes, began = 0, [], time.monotonic()
        while seen < asked.requests:
            goal = seen + STEP
            while seen < goal:
                seen += load(ours, "whole", 20.0, 32)["all_answers"]
            sizes.append((seen, [round(rss_mb(pid), 1) for pid in ours.pids()]))
            row(f"{seen:,} requests, {time.monotonic() - began:.0f} s", sizes[-1][1])
        (first, before), (last, after) = sizes[len(sizes) // 3], sizes[-1]
        per = (last - first) / STEP or 1.0
        row(
            "MB more per 100,000 requests, by process",
            [round((b - a) / per, 2) for a, b in zip(before, after, strict=True)],
        )


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    one.__name__: one for one in (latency, streams, bodies, workers, slope)
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="latency,streams,bodies,workers")
    parser.add_argument("--requests", type=int, default=1_000_000)
    asked = parser.parse_args()
    for name in asked.only.split(","):
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        PARTS[name](asked)


if __name__ == "__main__":
    main()
