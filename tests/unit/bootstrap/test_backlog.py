"""The eye on the spool: paid calls end before the disk does."""

import errno
import shutil

import anyio
import pytest
from support.books import everything, request

from gateway.bootstrap import backlog as module
from gateway.bootstrap.backlog import Backlog
from gateway.stores.data_dir import DataDir
from gateway.stores.spool import writer as spool_module
from gateway.stores.spool.writer import SpoolWriter

pytestmark = pytest.mark.anyio
MIB = 1024 * 1024


class Log:
    def __init__(self):
        self.events = []

    def event(self, name, level="info", **_):
        self.events.append((name, level))


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def data(tmp_path):
    made = DataDir(tmp_path)
    made.ensure()
    return made


@pytest.fixture
def writer(data):
    made = SpoolWriter(data.spool, "ins_a")
    yield made
    made.close()


async def look(data, writer, log, *, bound=MIB, reserve=0, rounds=1, between=lambda: None):
    eye = Backlog(data.spool, writer, log, bound=bound, reserve=reserve)
    seen = []
    for _ in range(rounds):
        with anyio.CancelScope() as scope:

            async def once(_seconds, scope=scope):
                scope.cancel()
                await anyio.lowlevel.checkpoint()

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(module.anyio, "sleep", once)
                await eye.watch()
        seen.append(eye.full)
        between()
    return seen


async def test_a_spool_below_its_bound_on_a_disk_with_room_is_not_full(data, writer):
    log = Log()
    writer.append(*request(1))
    assert await look(data, writer, log) == [False]
    assert not log.events


async def test_at_its_bound_the_spool_is_full(data, writer):
    log = Log()
    writer.append(*request(1))
    assert await look(data, writer, log, bound=10) == [True]
    assert log.events == [("spool_full", "error")]


async def test_the_last_of_the_disk_is_for_local_calls_alone_until_there_is_room_again(data, writer, monkeypatch):
    log, free = Log(), [MIB - 1, MIB]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10 * MIB, 0, free.pop(0)))
    assert await look(data, writer, log, bound=MIB, reserve=MIB, rounds=2) == [True, False]
    assert log.events == [("spool_full", "error"), ("spool_drained", "info")]


async def test_what_waits_in_memory_is_counted_reported_and_written_once_there_is_room(data, writer, monkeypatch):
    log = Log()
    with monkeypatch.context() as patch:
        patch.setattr(spool_module.os, "write", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        writer.keep(*request(1))
        assert Backlog(data.spool, writer, log, bound=1, reserve=0).size() == writer.kept_bytes > 0
        await look(data, writer, log, between=patch.undo, rounds=2)

    assert log.events == [("records_wait_in_memory", "error"), ("records_written", "info")]
    assert everything(data) == request(1)
