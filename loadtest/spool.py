"""What waiting for the disk adds to the last byte of an answer: the spool's group commit, by concurrency.

    python loadtest/spool.py [--rounds 2000]

Each caller appends the records of one call and waits until they are durable, as the pipeline does; one fsync serves all
who wait. Prints milliseconds, in all and above `durability: write`.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import anyio

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.books import request

from gateway.stores.spool.writer import SpoolWriter


async def measure(directory: Path, callers: int, rounds: int, durability: str) -> dict[str, float]:
    """Let callers commit in turn, and return what they waited."""
    spool = SpoolWriter(directory, f"load{callers}{durability}", durability=durability)
    waits: list[float] = []

    async def caller(number: int) -> None:
        for turn in range(max(1, rounds // callers)):
            began = time.perf_counter()
            spool.append(*request(number * rounds + turn))
            await spool.commit()
            waits.append((time.perf_counter() - began) * 1000)
            await anyio.sleep(0)

    async with anyio.create_task_group() as group:
        for number in range(callers):
            group.start_soon(caller, number)
    spool.close()
    waits.sort()
    return {"p50_ms": round(waits[len(waits) // 2], 3), "p99_ms": round(waits[len(waits) * 99 // 100], 3)}


async def run(rounds: int) -> list[dict[str, object]]:
    """Measure both durabilities at several concurrencies."""
    found = []
    with tempfile.TemporaryDirectory() as directory:
        for callers in (1, 8, 64):
            for durability in ("fsync", "write"):
                row = await measure(Path(directory) / "spool", callers, rounds, durability)
                found.append({"callers": callers, "durability": durability, **row})
    return found


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2000)
    json.dump(anyio.run(run, parser.parse_args().rounds), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
