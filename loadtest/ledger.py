"""How fast records go into each ledger, and how long a report over all of them takes.

    python loadtest/ledger.py [--requests 1000000] [--ledger sqlite|postgres] [--keep DIR]

Records are made up: 30 days, 8 teams, 40 keys, 4 models, 5 tasks, 3 targets. Everything is on this machine; PostgreSQL
is started by the script with its own settings but for the socket (fsync on).
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.books import attempt, decision_made, finished, settled
from support.postgres_server import postgres
from support.replacing import replace

from gateway.domain.costs import GROUPINGS
from gateway.domain.ids import new_id
from gateway.domain.records import PolicyLoaded
from gateway.domain.usage import Usage
from gateway.policy.load.compile import compile_documents
from gateway.pricing.book import PriceBook
from gateway.stores.data_dir import SQLITE, DataDir
from gateway.stores.ledger.place import open_ledger
from gateway.stores.ledger.reader import LedgerReader

DAY = 86_400 * 10**9
BATCH = 1250
"""Requests a batch: the shipper takes 5,000 records at once."""


def policy() -> PolicyLoaded:
    """The policy under which all of them were decided: one local target, two closed ones."""
    target = {"context_window": 16_000, "max_output_tokens": 4000, "clearance": "internal"}
    closed = {**target, "zone": "closed", "api_key_env": "KEY"}
    document = {
        "version": 1,
        "targets": [
            {**target, "id": "home", "zone": "local", "kind": "sglang", "model": "q", "endpoints": ["http://127.0.0.1:1"],
             "price": {"gpu_hour_usd": 2.5, "gpus": 8, "tokens_per_second": 6000}, "quality": {"default": 0.8}},
            {**closed, "id": "claude", "kind": "anthropic", "model": "claude-sonnet-4-5", "price": "catalog"},
            {**closed, "id": "gpt", "kind": "openai", "model": "gpt-4.1", "price": "catalog"},
        ],
        "models": [
            {"name": f"m{each}", "candidates": ["home", "claude", "gpt"], "substitution": "free"} for each in range(4)
        ],
        "teams": [{"id": f"team{each}", "default_class": "public", "reference": "claude",
                   "budget": {"usd": 10_000, "per": "month", "on_exhausted": "local_only"}} for each in range(8)],
        "rules": [{"kind": "capability"}, {"kind": "budget"}, {"kind": "prefer", "by": "cost"}],
    }  # fmt: skip
    snapshot = compile_documents([("ledger.yaml", yaml.safe_dump(document))], PriceBook.load_bundled())
    return PolicyLoaded(snapshot.hash, 1, snapshot.canonical.decode())


def records(count: int, now: int) -> Iterator[list]:
    """Yield the four records of each request, oldest first."""
    chance = random.Random(7)
    for number in range(count):
        at = now - 30 * DAY + number * 30 * DAY // count
        zone = "local" if chance.random() < 0.4 else "closed"
        target = "home" if zone == "local" else chance.choice(["claude", "gpt"])
        team = f"team{chance.randrange(8)}"
        random_bytes = chance.randbytes(10)
        request, tried = new_id("dec", at // 10**6, random_bytes), new_id("att", at // 10**6, random_bytes)
        cost = chance.randrange(10**4, 10**8)
        usage = Usage(chance.randrange(20_000), 0, 0, chance.randrange(2_000))
        made = decision_made(
            1, at=at, team=team, key=f"{team}k{chance.randrange(5)}", model=f"m{chance.randrange(4)}",
            task=f"t{chance.randrange(5)}",
        )  # fmt: skip
        yield [
            replace(made, id=request),
            replace(attempt(1, at=at, target=target, zone=zone, team=team), id=tried, decision=request),
            replace(settled(1, at=at, cost=cost, usage=usage), id=tried, decision=request),
            replace(finished(1, at=at, target=target, zone=zone, cost=cost, reference=2 * cost), id=request),
        ]


def measure(data: DataDir, count: int) -> dict:
    """Fill a ledger and report from it."""
    now = time.time_ns()
    spent = 0.0
    with open_ledger(data) as ledger:
        batch: list = [policy()]
        for number, four in enumerate(records(count, now), 1):
            batch += four
            if number % BATCH == 0 or number == count:
                began = time.perf_counter()
                ledger.store(batch)
                spent += time.perf_counter() - began
                batch = []
    return {"requests": count, "records_per_second": round(4 * count / spent), "seconds": reports(data, now)}


def reports(data: DataDir, now: int) -> dict[str, float]:
    """Time each report, in seconds: what the command line calls, without starting Python."""
    reader, took = LedgerReader(data), {}
    for name, first, last in (("30 days", 0, now), ("since 7 d", now - 7 * DAY, now)):
        for by in GROUPINGS:
            began = time.perf_counter()
            with reader.view() as view:
                rows = view.cost_rows(first, last, by)
            took[f"{name}, by {by}"] = round(time.perf_counter() - began, 3)
            assert rows
    today = datetime.fromtimestamp(now / 1e9, UTC).date()
    earlier, later = (f"{today - timedelta(days=far + 13)}..{today - timedelta(days=far)}" for far in (15, 1))
    month = ["--from", str(today - timedelta(days=29)), "--to", str(today)]
    commands = {
        "costs, html": ["report", "costs", *month, "--format", "html"],
        "costs, focus": ["report", "costs", *month, "--format", "focus"],
        "variance": ["report", "variance", "--from", earlier, "--to", later],
        "commitments": ["report", "commitments"],
        "gpu": ["report", "gpu", *month],
        "migration": ["report", "migration", "--since", "30d"],
        "decisions list": ["decisions", "list", "--limit", "100", "--since", "30d"],
        "--help, for Python's own start": ["--help"],
    }
    for name, words in commands.items():
        took[f"gateway {name}"] = timed(data, words)
    return took


def timed(data: DataDir, words: list[str]) -> float:
    """Return how long a command took from start to end, in seconds."""
    place = [] if words == ["--help"] else ["--data-dir", str(data.path)]
    environment = {**os.environ, "GATEWAY_LEDGER__URL": data.ledger_url}
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "gateway", *words, *place], check=True, stdout=subprocess.DEVNULL, env=environment
    )
    return round(time.perf_counter() - began, 2)


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--ledger", choices=["sqlite", "postgres"])
    parser.add_argument("--keep", type=Path, help="Keep the SQLite ledger here; if there is one, only report from it.")
    asked = parser.parse_args()
    if asked.keep is not None:
        data = DataDir(asked.keep)
        data.ensure()
        made = {"seconds": reports(data, time.time_ns())} if data.ledger.exists() else measure(data, asked.requests)
        print(json.dumps(made, indent=2))
        return
    for kind in [asked.ledger] if asked.ledger else ["sqlite", "postgres"]:
        with ExitStack() as stack:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = stack.enter_context(postgres("-c", "fsync=on")).database() if kind == "postgres" else SQLITE
            data = DataDir(directory, url)
            data.ensure()
            print(json.dumps({"ledger": kind, **measure(data, asked.requests)}, indent=2), flush=True)


if __name__ == "__main__":
    main()
