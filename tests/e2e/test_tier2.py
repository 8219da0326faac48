"""Tier 2 in a started gateway: what only it finds stays at home, and so does all that it could not read."""

import os
import signal
from pathlib import Path

import pytest
from support.stack import stack

FOUND_BY_TIER_2_ALONE = r"\set POSTGRES_PASS L9hvg7rz"


@pytest.fixture
def own(tmp_path):
    with stack(tmp_path) as made:
        made.settings["detectors"] = {"tier2": "credsweeper", "tier2_deadline": 20}
        yield made


def zone(answer):
    return answer.headers.get("x-gateway-zone")


def workers(gateway) -> set[int]:
    """Return the processes below this gateway that run CredSweeper."""
    parents, found = {}, set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if b"gateway.deepscan.worker" in (entry / "cmdline").read_bytes():
                    found.add(int(entry.name))
            except OSError:
                continue
    return {worker for worker in found if gateway.process.pid in _ancestors(worker, parents)}


def _ancestors(process: int, parents: dict[int, int]) -> list[int]:
    above = []
    while process := parents.get(process, 0):
        above.append(process)
    return above


def ended(processes: set[int]) -> bool:
    return not any(Path(f"/proc/{process}").exists() for process in processes)


def test_what_only_tier_2_finds_stays_and_its_conversation_with_it(own):
    own.start()
    reading = workers(own)
    harmless = own.chat("What is a prime number?", model="gpt-5", headers={"x_gateway_session": "a"})
    secret = own.chat(FOUND_BY_TIER_2_ALONE, model="gpt-5", headers={"x_gateway_session": "b"})
    later = own.chat("Thanks", model="gpt-5", headers={"x_gateway_session": "b"})
    own.stop()

    assert [zone(one) for one in (harmless, secret, later)] == ["closed", "local", "local"]
    assert secret.headers["x-gateway-data-class"] == "restricted"
    assert len(own.openai.requests()) == 1
    assert reading
    assert ended(reading)


def test_a_lost_worker_keeps_requests_at_home_until_the_next_one_is_warm(own):
    own.settings["detectors"]["tier2_deadline"] = 0.5
    own.start()
    own.wait_for(lambda: zone(own.chat("What is a prime number?", model="gpt-5")) == "closed", "tier 2")
    for worker in workers(own):
        os.kill(worker, signal.SIGKILL)
    assert zone(own.chat("And the next one?", model="gpt-5")) == "local"
    own.wait_for(lambda: zone(own.chat("And another?", model="gpt-5")) == "closed", "a new worker")


def test_no_worker_outlives_a_killed_gateway(own):
    own.start()
    reading = workers(own)
    own.process.kill()
    own.process.wait()
    own.process = None
    assert reading
    assert own.wait_for(lambda: ended(reading), "the end of the worker")
