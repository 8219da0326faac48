"""kill -9, two hundred times, at random moments under load: what a client got in full is in the books, and once."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from support.stack import stack

from gateway.settings import load
from gateway.stores.policy.files import read_policies
from gateway.stores.policy.kept import KeptPolicy

KILLS = int(os.environ.get("TEST_KILLS", "210"))
NURSERY = Path(__file__).parent.parent / "support" / "nursery.py"


class Nursery:
    """Edges and ledger children that can be killed and made again in a tenth of a second."""

    def __init__(self, own, run_dir):
        own.url = "http://127.0.0.1:1"  # for the files alone: this gateway has no supervisor
        settings = load(None, {"data_dir": str(own.data_dir), "policies": str(own.policies)})
        file = own.directory / "settings.json"
        file.write_text(settings.model_dump_json())
        self.process = subprocess.Popen(
            [sys.executable, str(NURSERY), str(file), run_dir],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=own.log_file.open("ab"), text=True,
        )  # fmt: skip
        ports = self.process.stdout.readline().split()
        assert ports, own.log()
        own.url, own.admin = (f"http://127.0.0.1:{port}" for port in ports)
        self.pids = {}

    def bear(self, role):
        self.process.stdin.write(role + "\n")
        self.process.stdin.flush()
        self.pids[role] = int(self.process.stdout.readline())

    def kill(self, role):
        os.kill(self.pids.pop(role), signal.SIGKILL)

    def close(self):
        for role in list(self.pids):
            with suppress(ProcessLookupError):
                os.kill(self.pids[role], signal.SIGTERM)
        self.process.stdin.close()
        self.process.wait(60)


def load_it(own, received, stop):
    """Call until asked to stop; note the decision of every answer that came in full."""
    with httpx.Client(timeout=5) as client:
        while not stop.is_set():
            stream = random.random() < 0.5
            body = {
                "model": random.choice(["auto", "gpt-5"]),
                "messages": [{"role": "user", "content": "Go on"}],
                "max_tokens": random.choice([2, 8, 24]),
                "stream": stream,
            }
            try:
                answer = client.post(own.url + "/v1/chat/completions", json=body, headers=own.headers("engineering"))
            except httpx.HTTPError:
                continue
            if answer.content.endswith(b"data: [DONE]\n\n") if stream else answer.status_code == 200:
                received.append(answer.headers["x-gateway-decision-id"])


@pytest.fixture
def own(tmp_path):
    with stack(tmp_path, latency=0.002) as made:
        made.make_files()
        KeptPolicy(made.data_dir / "policy").take(read_policies(made.policies))  # no supervisor here does
        yield made


def test_what_clients_got_in_full_is_booked_once(own, capsys):
    source, received, stop = random.Random(5), [], threading.Event()
    killed_ledgers = 0
    with tempfile.TemporaryDirectory(dir="/tmp") as run_dir:
        nursery = Nursery(own, run_dir)
        callers = [threading.Thread(target=load_it, args=(own, received, stop)) for _ in range(4)]
        for caller in callers:
            caller.start()
        nursery.bear("ledger")
        for _ in range(KILLS):
            before = len(received)
            nursery.bear("edge")
            end = time.monotonic() + 20  # one in a hundred polls gives up: a start is a moment like any other
            while len(received) == before and source.random() < 0.99 and time.monotonic() < end:
                time.sleep(0.01)
            time.sleep(source.uniform(0, 0.12))
            nursery.kill("edge")
            if source.random() < 0.15:
                nursery.kill("ledger")
                nursery.bear("ledger")
                killed_ledgers += 1
        stop.set()
        for caller in callers:
            caller.join()
        nursery.bear("edge")
        own.wait_for(lambda: own.get("/readyz").status_code == 200, "the last start")
        nursery.close()

    verified = json.loads(own.cli("ledger", "verify", "--format", "json").stdout)
    rows = json.loads(own.cli("decisions", "list", "--since", "1h", "--limit", "100000", "--format", "json").stdout)
    booked = [row["id"] for row in rows if not row["running"] and row["status"] == 200]
    missing, twice = set(received) - set(booked), len(rows) - len({row["id"] for row in rows})
    with capsys.disabled():
        print(
            f"\nkills {KILLS} (and {killed_ledgers} of the ledger child), answers in full {len(received)}, "
            f"missing {len(missing)}, booked twice {twice}, problems {len(verified['problems'])}"
        )
    assert len(received) > KILLS
    assert not missing
    assert not twice
    assert verified["ok"], verified["problems"][:5]
    assert verified["attempts"] == verified["settlements"]
