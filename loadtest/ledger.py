"""How fast records go into each ledger, and how long a report over all of them takes.

    python loadtest/ledger.py [--requests 1000000] [--ledger sqlite|postgres]

Records are made up: 30 days, 8 teams, 40 keys, 4 models, 5 tasks, 3 targets. Everything is on this machine; PostgreSQL
is started by the script with its own settings but for the socket (fsync on).
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.books import attempt, decision_made, finished, settled
from support.postgres_server import postgres

from gateway.domain.costs import GROUPINGS
from gateway.domain.ids import new_id
from gateway.domain.usage import Usage
from gateway.stores.data_dir import SQLITE, DataDir
from gateway.stores.ledger_place import open_ledger
from gateway.stores.ledger_reader import LedgerReader

DAY = 86_400 * 10**9
BATCH = 1250
"""Requests a batch: the shipper takes 5,000 records at once."""


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
        batch: list = []
        for number, four in enumerate(records(count, now), 1):
            batch += four
            if number % BATCH == 0 or number == count:
                began = time.perf_counter()
                ledger.store(batch)
                spent += time.perf_counter() - began
                batch = []
    reader, took = LedgerReader(data), {}
    for name, first, last in (("30 days", 0, now), ("since 7 d", now - 7 * DAY, now)):
        for by in GROUPINGS:
            began = time.perf_counter()
            rows = reader.cost_rows(first, last, by)
            took[f"{name}, by {by}"] = round(time.perf_counter() - began, 3)
            assert rows
    began = time.perf_counter()
    reader.decisions(0, 100)
    took["decisions list"] = round(time.perf_counter() - began, 3)
    return {"requests": count, "records_per_second": round(4 * count / spent), "seconds": took}


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--ledger", choices=["sqlite", "postgres"])
    asked = parser.parse_args()
    for kind in [asked.ledger] if asked.ledger else ["sqlite", "postgres"]:
        with ExitStack() as stack:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = stack.enter_context(postgres("-c", "fsync=on")).database() if kind == "postgres" else SQLITE
            data = DataDir(directory, url)
            data.ensure()
            print(json.dumps({"ledger": kind, **measure(data, asked.requests)}, indent=2), flush=True)


if __name__ == "__main__":
    main()
