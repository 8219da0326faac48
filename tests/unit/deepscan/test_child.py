"""Tier 2 behind its port, with the real library: what it finds, when it is late, when its worker dies."""

import os
import sys
from contextlib import asynccontextmanager

import anyio
import pytest

from gateway.deepscan.child import FOUND_PART, SecretScan, WorkerLost, command
from gateway.domain.label import DataClass
from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity.scan import scanner_for

pytestmark = pytest.mark.anyio

MISSED_BY_TIER_1 = "\\set POSTGRES_PASS L9hvg7rz\n"
SLOW = "import sys,time\nsys.stdout.write('R')\nsys.stdout.flush()\n{}"
ENVIRONMENT = {"PATH": os.environ["PATH"]}
HARMLESS = """
def total(prices: list[float]) -> float:
    token = os.environ["API_TOKEN"]
    password = "<password>"
    return sum(prices)  # commit 9fceb02d0ae598e95dc970b74767f19372d61af8
request_id = "550e8400-e29b-41d4-a716-446655440000"
"""


@asynccontextmanager
async def running(scan):
    async with anyio.create_task_group() as group:
        await group.start(scan.run)
        yield scan
        group.cancel_scope.cancel()


def scripted(body, deadline=0.3):
    return SecretScan(ENVIRONMENT, deadline, (sys.executable, "-c", SLOW.format(body)))


async def test_it_finds_what_tier_1_misses_and_nothing_in_harmless_code():
    asked = {"messages": [{"role": "user", "content": MISSED_BY_TIER_1}]}
    assert scanner_for(SensitivitySpec()).scan(asked).label.data_class < DataClass.CONFIDENTIAL

    async with running(SecretScan(ENVIRONMENT, 5.0, command())) as scan:
        assert await scan.look(["hello", MISSED_BY_TIER_1]) == (FOUND_PART,)
        assert await scan.look([HARMLESS]) == ()
        assert await scan.look([]) == ()
        assert await scan.look(["\ud800 half a letter"]) == ()


async def test_a_text_too_long_for_the_deadline_is_late_and_the_next_call_works():
    async with running(SecretScan(ENVIRONMENT, 1.0, command())) as scan:
        with pytest.raises(TimeoutError):
            await scan.look(["password = hash_of(user, salt)\n" * 60_000])
        scan.deadline = 10.0
        assert await scan.look([MISSED_BY_TIER_1]) == (FOUND_PART,)


async def test_a_worker_that_hangs_is_killed_within_the_deadline_and_replaced():
    async with running(scripted("time.sleep(60)")) as scan:
        first = scan._worker.pid
        began = anyio.current_time()
        with pytest.raises(TimeoutError):
            await scan.look(["text"])
        assert anyio.current_time() - began < 1
        with anyio.fail_after(10):
            await scan._ready.wait()
        assert scan._worker.pid != first


async def test_a_worker_that_dies_is_an_error_of_the_call_and_is_replaced():
    async with running(SecretScan(ENVIRONMENT, 10.0, command())) as scan:
        scan._worker.kill()
        with pytest.raises(WorkerLost):
            await scan.look(["text"])
        await anyio.sleep(0.1)
        assert await scan.look([MISSED_BY_TIER_1]) == (FOUND_PART,)


async def test_a_flood_waits_no_longer_than_the_deadline():
    late = []

    async def call(scan):
        try:
            await scan.look(["text"])
        except TimeoutError:
            late.append(anyio.current_time())

    async with running(scripted("time.sleep(60)")) as scan:
        began = anyio.current_time()
        async with anyio.create_task_group() as group:
            for _ in range(50):
                group.start_soon(call, scan)
    assert len(late) == 50
    assert max(late) - began < 1


async def test_who_hangs_up_leaves_nothing_for_the_next_caller():
    async with running(SecretScan(ENVIRONMENT, 10.0, command())) as scan:
        with anyio.move_on_after(0.001):
            await scan.look([MISSED_BY_TIER_1])
        assert await scan.look([HARMLESS]) == ()


async def test_a_worker_that_cannot_start_is_an_error_of_the_start():
    scan = SecretScan(ENVIRONMENT, 1.0, (sys.executable, "-c", "raise SystemExit(1)"))
    with pytest.raises(BaseExceptionGroup) as caught:
        async with running(scan):
            pass
    assert caught.group_contains(WorkerLost)
