"""The parent of edge, egress and ledger, with real children of a line or two."""

import os
import socket
import sys
import tempfile
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from gateway import supervisor
from gateway.supervisor import LONGEST_PLACE, Child, RunDir, Supervisor, addresses, own_command

pytestmark = pytest.mark.anyio

KEY = bytes(range(32))
STAY = "import signal; signal.pause()"
UNTIL_TOLD = """
import os, signal
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
os.write({out}, b"{name} up\\n")
signal.pause()
"""


class Log:
    """Notes events; lets a test wait for them, and do something at one."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict]] = []
        self.on: Callable[[str, dict], None] = lambda name, fields: None
        self._news = anyio.Event()

    def event(self, name, /, level="info", **fields):
        self.events.append((name, fields))
        self.on(name, fields)
        self._news.set()
        self._news = anyio.Event()

    def of(self, name, child=None):
        return [fields for event, fields in self.events if event == name and child in {None, fields["child"]}]

    async def until(self, name, count=1):
        while len(self.of(name)) < count:
            await self._news.wait()


class Pipe:
    """Lines that children write; children inherit the writing end."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        self._lines = os.fdopen(self.reading, "rb")

    async def line(self) -> str:
        line = await anyio.to_thread.run_sync(self._lines.readline, abandon_on_cancel=True)
        return line.decode().strip()

    def end_writing(self) -> None:
        if self.writing >= 0:
            os.close(self.writing)
            self.writing = -1

    def close(self) -> None:
        self.end_writing()
        self._lines.close()


@pytest.fixture
def pipe():
    pipe = Pipe()
    yield pipe
    pipe.close()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.0)
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE_S", 0.0)


def child(name, code, *, descriptors=(), key=False, drain_s=60.0, more=()):
    command = [sys.executable, "-I", "-S", "-c", code, *more]
    return Child(name, command, {"PATH": "/usr/bin:/bin"}, tuple(descriptors), key, drain_s)


@asynccontextmanager
async def running(*children, log=None, run_dir=""):
    """Run children; at the end of the block they are stopped. ``box`` then holds the exit status."""
    box: list[int] = []
    stop = anyio.Event()
    parent = Supervisor(children, KEY, log or Log(), run_dir=run_dir)

    async def run():
        box.append(await parent.run(stop))

    with anyio.fail_after(30):
        async with anyio.create_task_group() as group:
            group.start_soon(run)
            yield parent, stop, box
            stop.set()


async def test_a_dead_child_is_started_again_with_a_growing_pause_up_to_a_bound(monkeypatch):
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE_S", 0.004)
    log = Log()
    async with running(child("edge", "raise SystemExit(7)"), log=log):
        await log.until("child_died", 5)
    died = log.of("child_died")

    assert [each["again_in_s"] for each in died[:5]] == [0.001, 0.002, 0.004, 0.004, 0.004]
    assert {each["status"] for each in died[:5]} == {7}


async def test_the_pause_is_short_again_after_a_child_that_ran_for_long(monkeypatch):
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE_S", 1.0)
    monkeypatch.setattr(supervisor, "HEALTHY_AFTER_S", -1.0)
    log = Log()
    async with running(child("edge", "raise SystemExit(7)"), log=log):
        await log.until("child_died", 3)

    assert [each["again_in_s"] for each in log.of("child_died")[:3]] == [0.001] * 3


async def test_a_child_for_which_no_process_can_be_made_is_tried_again():
    log = Log()
    missing = Child("edge", ["/nowhere/python"], {}, (), key_descriptor=False, drain_s=1.0)
    async with running(missing, child("egress", STAY), log=log):
        await log.until("child_died", 2)

    assert {each["child"] for each in log.of("child_died")} == {"edge"}


async def test_a_dead_child_leaves_the_others_alone():
    log = Log()
    async with running(child("edge", STAY), child("egress", "raise SystemExit(1)"), log=log):
        await log.until("child_died", 2)

    assert len(log.of("child_started", "edge")) == 1
    assert log.of("child_died", "edge") == []


async def test_an_exit_status_of_2_at_the_first_start_ends_all():
    log = Log()
    async with running(child("edge", "raise SystemExit(2)"), child("egress", STAY), log=log) as (parent, stop, box):
        await stop.wait()

    assert box == [2]
    assert log.of("child_died") == []
    assert parent.running == {}


async def test_the_reason_that_a_child_leaves_at_its_start_is_the_supervisor_s(tmp_path):
    code = """
import os, pathlib, sys
pathlib.Path(sys.argv[1], f"{os.getpid()}.reason").write_text("the port is taken; take another")
raise SystemExit(2)
"""
    log = Log()
    async with running(child("edge", code, more=[str(tmp_path)]), log=log, run_dir=str(tmp_path)) as (
        parent,
        stop,
        box,
    ):
        await stop.wait()

    assert (box, parent.reason) == ([2], "the port is taken; take another")
    assert list(tmp_path.iterdir()) == []


async def test_an_exit_status_of_2_later_is_a_death_like_any_other(tmp_path):
    mark = tmp_path / "mark"
    code = f"""
import os, pathlib
mark = pathlib.Path({str(mark)!r})
first = not mark.exists()
mark.touch()
raise SystemExit(1 if first else 2)
"""
    log = Log()
    async with running(child("edge", code), log=log) as (_, stop, box):
        await log.until("child_died", 3)
        assert not stop.is_set()

    assert [each["status"] for each in log.of("child_died")[:3]] == [1, 2, 2]
    assert box == [0]


async def test_children_are_drained_one_after_another_in_order(pipe):
    gate, let_go = os.pipe()
    slow = f"""
import os, signal
def end(*_):
    os.write({pipe.writing}, b"edge asked\\n")
    os.read({gate}, 1)
    os.write({pipe.writing}, b"edge ends\\n")
    os._exit(0)
signal.signal(signal.SIGTERM, end)
os.write({pipe.writing}, b"up\\n")
signal.pause()
"""
    quick = f"""
import os, signal
def end(*_):
    os.write({pipe.writing}, b"NAME ends\\n")
    os._exit(0)
signal.signal(signal.SIGTERM, end)
os.write({pipe.writing}, b"up\\n")
signal.pause()
"""
    children = [
        child("edge", slow, descriptors=[pipe.writing, gate]),
        child("egress", quick.replace("NAME", "egress"), descriptors=[pipe.writing]),
        child("ledger", quick.replace("NAME", "ledger"), descriptors=[pipe.writing]),
    ]
    async with running(*children) as (_, stop, box):
        assert [await pipe.line() for _ in children] == ["up"] * 3
        stop.set()
        assert await pipe.line() == "edge asked"
        os.write(let_go, b"x")
        assert [await pipe.line() for _ in children] == ["edge ends", "egress ends", "ledger ends"]
    os.close(gate)
    os.close(let_go)

    assert box == [0]


async def test_a_child_that_waits_for_its_restart_is_not_started_once_all_are_stopped(pipe):
    log = Log()
    last = child("ledger", UNTIL_TOLD.format(out=pipe.writing, name="ledger"), descriptors=[pipe.writing])
    async with running(child("edge", "raise SystemExit(1)"), last, log=log) as (_, stop, box):
        log.on = lambda name, fields: stop.set() if name == "child_died" else None
        await stop.wait()

    assert box == [0]
    assert len(log.of("child_started", "edge")) == 1


async def test_the_key_comes_on_a_fresh_pipe_at_each_start_and_never_on_the_command_line(pipe):
    code = f"""
import json, os, sys
data = os.read(json.loads(sys.argv[-1])["key"], 100)
os.write({pipe.writing}, (data.hex() + " " + " ".join(sys.argv) + "\\n").encode())
raise SystemExit(1)
"""
    handed = child("egress", code, descriptors=[pipe.writing], key=True, more=['{"run_dir":"r","key":null}'])
    async with running(handed):
        lines = [await pipe.line() for _ in range(3)]

    for line in lines:
        key, _, arguments = line.partition(" ")
        assert bytes.fromhex(key) == KEY
        assert KEY.hex() not in arguments


async def test_a_child_sees_its_environment_and_descriptors_and_no_others(pipe, monkeypatch):
    monkeypatch.setenv("VENDOR_KEY", "secret")
    hidden = os.open(os.devnull, os.O_RDONLY)
    os.set_inheritable(hidden, True)
    code = f"""
import os
try:
    os.fstat({hidden})
    seen = True
except OSError:
    seen = False
os.write({pipe.writing}, f"{{os.environ.get('VENDOR_KEY')}} {{seen}} {{os.getpgid(0) == os.getpid()}}\\n".encode())
import signal
signal.pause()
"""
    async with running(child("edge", code, descriptors=[pipe.writing])):
        line = await pipe.line()
    os.close(hidden)

    assert line == "None False True"


async def test_what_does_not_drain_is_killed_with_all_that_it_started(pipe, monkeypatch):
    monkeypatch.setattr(supervisor, "KILL_AFTER_S", 0.01)
    code = f"""
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork():
    os.write({pipe.writing}, b"up\\n")
while True:
    signal.pause()
"""
    log = Log()
    async with running(child("edge", code, descriptors=[pipe.writing], drain_s=0.0), log=log) as (_, _, box):
        assert await pipe.line() == "up"
        pipe.end_writing()
    with anyio.fail_after(30):
        assert await pipe.line() == ""  # nobody holds the writing end any more

    assert box == [0]
    assert log.of("child_killed") == [{"child": "edge"}]


def test_the_directory_for_sockets_is_private_short_and_goes_with_its_contents():
    run_dir = RunDir.make([tempfile.gettempdir()])
    path = Path(run_dir.path)
    (path / "edge.sock").touch()

    assert path.stat().st_mode & 0o777 == 0o700
    assert len(str(path / "egress.sock").encode()) < 107
    run_dir.remove()
    run_dir.remove()
    assert not path.exists()


@pytest.fixture
def short():
    with tempfile.TemporaryDirectory(dir="/tmp") as made:
        yield Path(made)


def test_a_place_whose_path_is_too_long_for_a_socket_is_passed_over(short):
    long = short / ("long" * 30)
    long.mkdir()
    run_dir = RunDir.make([str(long), str(short)])
    try:
        assert Path(run_dir.path).parent == short
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(run_dir.path + "/edge-9999.sock")
    finally:
        run_dir.remove()


def test_a_place_of_the_longest_path_still_takes_a_socket(short):
    place = short / ("x" * (LONGEST_PLACE - len(str(short)) - 1))
    place.mkdir()
    run_dir = RunDir.make([str(place)])

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(run_dir.path + "/edge-9999.sock")


def test_a_second_choice_that_others_could_rename_is_passed_over(short):
    (short / "open").mkdir()
    (short / "open").chmod(0o777)
    (short / "sticky").mkdir()
    (short / "sticky").chmod(0o1777)
    run_dir = RunDir.make([str(short / "gone"), str(short / "open"), str(short / "sticky")])

    assert Path(run_dir.path).parent.name == "sticky"


def test_without_any_place_the_last_problem_is_raised(short):
    with pytest.raises(FileNotFoundError):
        RunDir.make([str(short / "gone")])
    with pytest.raises(OSError, match="File name too long"):
        RunDir.make(["/" + "long" * 40])


def test_the_command_of_a_child_ends_with_what_it_is_handed():
    command = own_command("edge", '{"key":null}')

    assert command[:5] == [sys.executable, "-m", "gateway", "child", "edge"]
    assert command[-1] == '{"key":null}'


def test_addresses_are_reported_as_they_are_bound():
    class Bound:
        def __init__(self, *name):
            self.name = name

        def getsockname(self):
            return self.name

    shown = addresses({"data": Bound("127.0.0.1", 8080), "admin": Bound("::1", 8081, 0, 0)})

    assert shown == {"data": "127.0.0.1:8080", "admin": "[::1]:8081"}
