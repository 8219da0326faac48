import anyio
import pytest
from support.fakes import local, policy

from gateway.pipeline.deadline import Deadline, effective, longest_total
from gateway.pipeline.world import Deadlines

pytestmark = pytest.mark.anyio


async def test_content_moves_the_deadline_by_the_idle_time_within_the_total():
    scope = anyio.CancelScope()
    now = [10.0]
    deadline = Deadline(scope, idle=5.0, end=18.0, now=lambda: now[0])
    deadline.content()
    assert scope.deadline == 15.0
    now[0] = 14.0
    deadline.content()
    assert scope.deadline == 18.0


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
