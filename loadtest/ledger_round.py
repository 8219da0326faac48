"""What a request costs the ledger child, by how many requests a round ships.

    python -m loadtest.ledger_round [--requests 2000] [--repeats 3] [--ledger sqlite|postgres] [--functions 40]

Real rounds over a real spool: read, store with the sums, commit with fsync, count, and, with OTLP, make and send the
spans of each request to a sink on loopback, which is another process. Counted is the CPU time of this process, its
exporter's thread included. The records are those that a gateway writes for a chat of 2 KB under the policy of
``loadtest.scene``; their ids, times, tokens, teams and keys differ.
"""

import argparse
import cProfile
import fcntl
import os
import pstats
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.books import line
from support.postgres_server import postgres
from support.replacing import replace

from gateway.bootstrap.shipping import Shipping
from gateway.domain.facts import Facts
from gateway.domain.ids import new_id
from gateway.domain.label import DataClass, Label
from gateway.domain.money import CostParts
from gateway.domain.records import AttemptStarted, DecisionMade, Finished, Record, Settled, TraceRef
from gateway.domain.usage import Usage
from gateway.policy.decide.evaluate import decide
from gateway.policy.load.compile import compile_documents
from gateway.pricing.book import PriceBook
from gateway.stores.data_dir import SQLITE, DataDir
from gateway.stores.ledger.place import open_ledger
from gateway.stores.shipping.shipper import Shipper
from gateway.telemetry.ledger_metrics import LedgerMetrics
from gateway.telemetry.logs import Log
from gateway.telemetry.otlp import Traces
from loadtest import scene

ROUNDS = (1, 10, 100, 1000)
"""Requests a round."""
FEWEST = 100
"""Rounds of one request take long: no more of them are measured."""
STARTED_NS = 1_795_348_800 * 10**9


def template() -> tuple[DecisionMade, AttemptStarted, Settled, Finished]:
    """Return the four records of one call."""
    snapshot = compile_documents([("scene.json", scene.policy("http://127.0.0.1:30000"))], PriceBook.load_bundled())
    facts = Facts(
        "support", "f1z2y2hq", "auto", "openai.chat", conversation="f4c562a1e7623fec", label=Label(DataClass.INTERNAL),
        input_tokens=517, input_bytes=2123, max_tokens=128, budget_left_nanos=49_999_888_346_400,
        typical=(("home", 64), ("vendor", 2048)),
    )  # fmt: skip
    decision = decide(snapshot, facts)
    made = DecisionMade(
        id="", at=0, decided_at=0, instance="edg_01m8p9r4eq0b7vbsxz5a6zyzjq", team="support", key="f1z2y2hq",
        policy=snapshot.hash, facts=facts.as_json(), decision=decision.as_json(), evidence=[], trace=TraceRef("", ""),
    )  # fmt: skip
    tried = AttemptStarted(
        id="", decision="", number=1, at=0, target="home", zone="local", model="m", provider="sglang",
        server="127.0.0.1:30000", hold=129_000, span="", price_source="yaml", team="support", attempt_kind="primary",
    )  # fmt: skip
    paid = Settled(
        id="", decision="", at=0, outcome="ok", status=200, usage=Usage(812, 0, 0, 60), cost=186_400, finish="stop",
        response_model="m", response_id="chatcmpl-0", price_source="yaml", parts=CostParts(0, 0, 24_000, 0),
    )  # fmt: skip
    end = Finished(
        id="", at=0, status=200, error="", target="home", zone="local", reason="cost", rule="cheapest", attempts=1,
        cost=186_400, dearest=932_000, reference=932_000, reference_target="vendor", user_agent="openai-python/1.99",
    )  # fmt: skip
    return made, tried, paid, end


def requests(chance: random.Random) -> Iterator[list[Record]]:
    """Yield the records of one call after the other, 500 a second, of four teams with five keys each."""
    made, tried, paid, end = template()
    number = 0
    while True:
        at, team = STARTED_NS + number * 2_000_000, f"team{chance.randrange(4)}"
        request, attempt = (new_id(one, at // 10**6, chance.randbytes(10)) for one in ("dec", "att"))
        trace = TraceRef(chance.randbytes(16).hex(), chance.randbytes(8).hex())
        ttft, duration = chance.randrange(8, 30) * 10**6, chance.randrange(300, 4000) * 10**6
        usage = Usage(chance.randrange(400, 900), 0, 0, chance.randrange(10, 128))
        key = f"{team}k{chance.randrange(5)}"
        yield [
            replace(made, id=request, at=at, decided_at=at + 600_000, team=team, key=key, trace=trace),
            replace(tried, id=attempt, decision=request, at=at + 10**6, team=team, span=chance.randbytes(8).hex()),
            replace(
                paid, id=attempt, decision=request, at=at + duration, usage=usage, ttft=ttft, duration=duration,
                response_id="chatcmpl-" + chance.randbytes(12).hex(),
            ),
            replace(end, id=request, at=at + duration + 10**6),
        ]  # fmt: skip
        number += 1


class Bench:
    """A ledger child without its ports."""

    def __init__(self, data: DataDir, *, otlp: bool) -> None:
        self._ledger = open_ledger(data)
        self._segment = data.spool / "edg_a-000001.spool"
        self._traces = Traces(1.0) if otlp else None
        self.shipping = Shipping(
            Shipper(data, self._ledger), self._ledger, LedgerMetrics(), self._traces, Log("ledger"), None
        )

    def measure(self, batches: list[bytes]) -> tuple[float, float]:
        """Ship one batch a round; return the CPU seconds of all of them, and those of the unit meanwhile."""
        other, units, began = 0.0, 0.0, time.process_time()
        with self._segment.open("ab", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            for batch in batches:
                before = time.thread_time()
                file.write(batch)
                units += scene.unit(len(batch) // 4000 + 1)
                other += time.thread_time() - before
                while self.shipping.once():
                    pass
            if self._traces is not None:
                self._traces.close()
        return time.process_time() - began - other, units / sum(len(batch) // 4000 + 1 for batch in batches)

    def close(self) -> None:
        self._ledger.close()


def run(url: str, size: int, asked: argparse.Namespace, *, otlp: bool) -> tuple[float, float]:
    """Return the CPU microseconds of a request, and the same in units."""
    chance = random.Random(7)
    made = requests(chance)
    found = []
    for _ in range(asked.repeats):
        with tempfile.TemporaryDirectory(prefix="gateway-round-") as directory:
            data = DataDir(Path(directory), url)
            data.ensure()
            rounds = max(1, min(asked.requests // size, FEWEST if size < 10 else asked.requests))
            batches = [b"".join(line(record) for _ in range(size) for record in next(made)) for _ in range(rounds)]
            bench = Bench(data, otlp=otlp)
            taken, one = bench.measure(batches)
            bench.close()
            found.append((taken / rounds / size * 1e6, taken / rounds / size / one))
    return median(us for us, _ in found), median(units for _, units in found)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--ledger", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--functions", type=int, default=0, help="instead: so many functions by their own time")
    parser.add_argument("--size", type=int, default=100, help="requests a round with --functions")
    parser.add_argument("--otlp", action="store_true", help="with --functions: with OTLP")
    asked = parser.parse_args()
    with ExitStack() as stack:
        url = stack.enter_context(postgres("-c", "fsync=on")).database() if asked.ledger == "postgres" else SQLITE
        port = stack.enter_context(sink())
        os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{port}"
        if asked.functions:
            asked.repeats, profile = 1, cProfile.Profile()
            profile.runcall(run, url, asked.size, asked, otlp=asked.otlp)
            pstats.Stats(profile).sort_stats("tottime").print_stats(asked.functions)
            return
        print("| requests a round | CPU a request | with OTLP |\n|---|---|---|")
        for size in ROUNDS:
            cells = [run(url, size, asked, otlp=otlp) for otlp in (False, True)]
            print(
                f"| {size} | " + " | ".join(f"{us:.0f} µs ({units:.2f} units)" for us, units in cells) + " |",
                flush=True,
            )


class sink:  # noqa: N801 -- a context
    """A collector in another process that takes everything."""

    def __enter__(self) -> int:
        self._process = subprocess.Popen([sys.executable, "-c", SINK], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


SINK = """
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


if __name__ == "__main__":
    main()
