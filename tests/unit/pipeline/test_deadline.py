import asyncio

import pytest
from support.fakes import local, policy

from gateway.pipeline.deadline import Deadline, effective, longest_total
from gateway.pipeline.world import Deadlines

pytestmark = pytest.mark.anyio


async def test_content_moves_the_deadline_by_the_idle_time_within_the_total():
    now = [asyncio.get_running_loop().time()]
    start = now[0]
    async with asyncio.timeout_at(start + 60) as timer:
        deadline = Deadline(timer, idle=50.0, end=start + 180.0, now=lambda: now[0])
        deadline.content()
        assert timer.when() == start + 50.0
        now[0] = start + 140.0
        deadline.content()
        assert timer.when() == start + 180.0


async def test_content_that_comes_after_the_end_moves_nothing():
    timer = asyncio.timeout(0)
    with pytest.raises(TimeoutError):
        await over(timer)
    assert timer.expired()


async def over(timer: asyncio.Timeout) -> None:
    async with timer:
        asyncio.get_running_loop().call_soon(Deadline(timer, idle=50.0, end=1e9, now=lambda: 0.0).content)
        await asyncio.sleep(60)


def test_a_targets_own_times_go_before_the_process_s():
    targets = policy(targets=[local("home", timeouts={"idle": 7, "connect": 1}), local("away")]).targets
    assert effective(targets["home"], Deadlines()) == Deadlines(connect=1, idle=7)
    assert effective(targets["away"], Deadlines()) == Deadlines()
    times = {"connect": 1, "first_token": 2, "idle": 3, "total": 4}
    everything = policy(targets=[local("home", timeouts=times), local("away")]).targets["home"]
    assert effective(everything, Deadlines()) == Deadlines(1, 2, 3, 4)


def test_the_longest_total_is_that_of_any_target():
    targets = policy(targets=[local("home", timeouts={"total": 3600}), local("away")]).targets
    assert longest_total(targets.values(), 900) == 3600
    assert longest_total([targets["away"]], 900) == 900
