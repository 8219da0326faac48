"""The spool and the shipper on a real system: kill -9 at any moment, and disks that are full."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.books import Books, ship

from gateway.stores.audit.ledger import audit
from gateway.stores.shipping.recovery import recover
from gateway.stores.spool.writer import SpoolWriter

TESTS = Path(__file__).parents[1]
ROUNDS = 24

# Appends requests and ships them, in one process, until it is killed. Tells a number on stdout only once it is durable.
LIFE = """
import sys, threading, anyio
from pathlib import Path
from support.books import request
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.sqlite import SqliteLedger
from gateway.stores.shipping.shipper import Shipper
from gateway.stores.spool.writer import SpoolWriter
from gateway.stores.shipping.recovery import recover

data, instance, number = DataDir(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])

def ship():
    with SqliteLedger(data.ledger) as ledger:
        shipper = Shipper(data, ledger)
        while True:
            shipper.ship_once(7)

async def live():
    global number
    writer = SpoolWriter(data.spool, instance, segment_bytes=20_000)
    recover(data, writer, 10**18)
    await writer.commit()
    threading.Thread(target=ship, daemon=True).start()
    while True:
        number += 1
        *most, end = request(number, at=number, instance=instance)
        writer.append(*most)
        writer.append(end)
        await writer.commit()
        print(number, flush=True)

anyio.run(live)
"""

# Appends until the disk refuses, then says how many requests were promised.
UNTIL_FULL = """
import sys, anyio
from pathlib import Path
from support.books import request
from gateway.domain.errors import LedgerUnavailable
from gateway.stores.spool.writer import SpoolWriter

async def live():
    writer = SpoolWriter(Path(sys.argv[1]), "ins_full", segment_bytes=1 << 30)
    promised, refused = 0, 0
    for number in range(1, 400):
        try:
            writer.append(*request(number, at=number, instance="ins_full"))
            await writer.commit()
            promised += 1
        except LedgerUnavailable:
            refused += 1
    print(promised, refused)

anyio.run(live)
"""


def child(code, *arguments, **options):
    environment = {**os.environ, "PYTHONPATH": f"{TESTS}:{TESTS.parent}"}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], env=environment, stdout=subprocess.PIPE, **options
    )


def test_killed_at_any_moment_every_promised_request_is_there_once(data):
    promised, last = set(), 0
    for round_number in range(ROUNDS):
        process = child(LIFE, data.path, f"ins_{round_number:04d}", last)
        for _ in range(1 + round_number * 3):
            promised.add(int(process.stdout.readline()))
        process.send_signal(signal.SIGKILL)
        # What it printed before it died counts, too.
        promised |= {int(count) for count in process.stdout.read().splitlines()}
        process.stdout.close()
        assert process.wait() == -signal.SIGKILL
        last = max(promised) + 1
    writer = SpoolWriter(data.spool, "ins_9999")
    recover(data, writer, 10**18)
    writer.close()
    unshipped = {row["id"] for row in Books(data).decisions(0, 1_000_000)}
    ship(data)

    rows = Books(data).decisions(0, 1_000_000)
    assert {f"dec_{number:06d}" for number in promised} <= {row["id"] for row in rows}
    assert len(rows) == len({row["id"] for row in rows}) == len(unshipped)
    assert {row["attempts"] for row in rows} <= {0, 1}
    assert audit(data).problems == ()
    assert [path.name for path in data.spool.iterdir() if path.suffix == ".spool"] == []


@pytest.mark.parametrize("room", [50_000, 123_457, 200_001])
def test_a_file_that_may_not_grow_refuses_whole_requests_and_keeps_the_promised_ones(data, room):
    process = child(UNTIL_FULL, data.spool, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)))
    promised, _ = map(int, process.communicate()[0].split())

    assert promised > 0
    complete = [row for row in Books(data).decisions(0, 1000) if row["status"] == 200]
    assert len(complete) == promised
    assert not [problem for problem in audit(data).problems if problem.kind == "damage"]


def test_on_a_full_disk_what_was_promised_can_be_read(data):
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", data.spool], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("needs leave to mount a small tmpfs")
    try:
        process = child(UNTIL_FULL, data.spool)
        promised, refused = map(int, process.communicate()[0].split())
        complete = [row for row in Books(data).decisions(0, 1000) if row["status"] == 200]

        assert promised > 0
        assert refused > 0
        assert len(complete) == promised
        ship(data)
        assert len([row for row in Books(data).decisions(0, 1000) if row["status"] == 200]) == promised
    finally:
        subprocess.run(["umount", data.spool], check=True)
