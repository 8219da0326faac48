"""What counts as a finding of CredSweeper's."""

import os
import subprocess
import sys
from time import monotonic

import pytest
from support.agent_sessions import Session

from gateway.deepscan.finder import Finder, TooLate, is_installed


@pytest.fixture(scope="module")
def finder():
    return Finder()


def test_it_is_installed_here():
    assert is_installed()


@pytest.mark.parametrize(
    "text",
    ['secret_key = "kX9mQ2vL7pR4tB8n"', "\\set POSTGRES_PASS L9hvg7rz", "x\n" * 450 + 'api_key = "kX9mQ2vL7pR4tB8n"'],
)
def test_a_secret(finder, text):
    assert finder.finds(text)


@pytest.mark.parametrize(
    "text",
    [
        "id: 550e8400-e29b-41d4-a716-446655440000",
        'password = "<your-password>"',
        "password = ${DB_PASSWORD}",
        'token = os.environ["GITHUB_TOKEN"]',
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "version 1.2.3, sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "2026-03-22T17:35:21.455Z INFO [token] request_id=463aea66-ebb6-408d-a304-e77afd65a4be trace=d5a631fe379fb882",
        "",
    ],
)
def test_a_look_alike(finder, text):
    assert not finder.finds(text)


def test_sessions_of_agents_stay_clean(finder):
    for seed in range(3):
        texts = [str(turn.get("content") or "") for turn in Session(seed).turns(50)]
        assert not finder.finds("\n".join(texts))


def test_uuids_count_if_asked_for():
    assert Finder(uuids=True).finds("key: 844a5a83-26ab-4799-9533-1510dbcb934e")


def test_it_stops_when_its_time_is_over(finder):
    with pytest.raises(TooLate):
        finder.finds("text", monotonic() - 1)


LOADED = """
import os
from gateway.deepscan.finder import Finder
Finder().finds("x = 1")
own, tasks = str(os.getpid()), os.listdir("/proc/self/task")
parents = {}
for process in filter(str.isdigit, os.listdir("/proc")):
    try:
        with open(f"/proc/{process}/stat") as file:
            parents[process] = file.read().rpartition(")")[2].split()[1]
    except OSError:
        continue
print(len(tasks), [process for process, parent in parents.items() if parent == own])
"""


def test_it_reports_to_nobody_and_leaves_no_process_of_its_own(tmp_path):
    """Threads, files and children of a fresh process that has loaded the library and its native parts."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ORT_")} | {
        "HOME": str(tmp_path)
    }
    done = subprocess.run([sys.executable, "-c", LOADED], env=environ, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["1", "[]"]
    assert list(tmp_path.rglob("*")) == []
