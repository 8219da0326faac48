"""The spool's writer: what is appended is there, in order, or the caller gets an error."""

import errno
import os
import stat
import threading

import anyio
import pytest
from support.books import everything, request

from gateway.domain.errors import LedgerUnavailable
from gateway.stores.spool import writer as spool_module
from gateway.stores.spool.lines import parse_line
from gateway.stores.spool.reader import is_sealed, read, segments
from gateway.stores.spool.writer import SpoolWriter

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


async def test_what_is_appended_can_be_read_at_once_and_in_order(data):
    writer = SpoolWriter(data.spool, "ins_a")
    writer.append(*request(1))
    writer.append(*request(2))

    assert everything(data) == [*request(1), *request(2)]
    writer.close()


async def test_a_segment_is_sealed_only_when_its_writer_is_gone(data):
    writer = SpoolWriter(data.spool, "ins_a")
    before = is_sealed(segments(data.spool)[0])
    writer.close()

    assert (before, is_sealed(segments(data.spool)[0])) == (False, True)


async def test_a_segment_has_no_name_before_it_is_locked(data, monkeypatch):
    """Else a shipper that comes by takes it for one whose writer is gone, and removes it under the writer."""
    seen = []
    lock = spool_module.fcntl.flock

    def watched(descriptor, how):
        seen.append(segments(data.spool))
        lock(descriptor, how)

    monkeypatch.setattr(spool_module.fcntl, "flock", watched)
    SpoolWriter(data.spool, "ins_a").close()

    assert seen[0] == []


async def test_a_full_segment_is_followed_by_a_new_one_while_a_lock_is_always_held(data):
    writer = SpoolWriter(data.spool, "ins_a", segment_bytes=1)
    for number in range(3):
        writer.append(*request(number))
        await writer.commit()

    sealed = [is_sealed(segment) for segment in segments(data.spool)]
    assert sealed == [True, True, True, False]
    assert everything(data) == [record for number in range(3) for record in request(number)]
    writer.close()


async def test_a_disk_without_room_for_a_new_segment_does_not_fail_a_commit(data, monkeypatch):
    writer = SpoolWriter(data.spool, "ins_a", segment_bytes=1)
    monkeypatch.setattr(writer, "_open", lambda: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    for number in range(2):
        writer.append(*request(number))
        await writer.commit()

    assert everything(data) == [*request(0), *request(1)]
    writer.close()


async def test_a_batch_that_is_written_in_part_is_taken_back_and_never_written_behind(data, monkeypatch):
    """A reader may have read its first line already: the same offset must not come to mean another record."""
    writer = SpoolWriter(data.spool, "ins_a")
    writer.append(*request(1))
    whole_write = os.write

    def short_write(descriptor, payload):
        return whole_write(descriptor, payload[: len(payload) // 2])

    with monkeypatch.context() as patch:
        patch.setattr(spool_module.os, "write", short_write)
        with pytest.raises(LedgerUnavailable):
            writer.append(*request(2))
    writer.append(*request(3))

    first, second = segments(data.spool)
    assert read(first, 0).records == request(1)
    assert read(second, 0).records == request(3)
    assert is_sealed(first)
    writer.close()


async def test_a_disk_that_refuses_a_write_takes_none_of_it_and_may_recover(data, monkeypatch):
    writer = SpoolWriter(data.spool, "ins_a")
    with monkeypatch.context() as patch:
        patch.setattr(spool_module.os, "write", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        with pytest.raises(LedgerUnavailable):
            writer.append(*request(1))
    writer.append(*request(2))

    assert everything(data) == request(2)
    writer.close()


@pytest.fixture
def full(monkeypatch):
    """A disk that takes nothing, until it is emptied."""
    with monkeypatch.context() as patch:
        patch.setattr(spool_module.os, "write", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        yield patch.undo


async def test_what_a_full_disk_refuses_waits_in_memory_and_is_written_before_what_comes_later(data, full):
    writer = SpoolWriter(data.spool, "ins_a")
    assert not writer.keep(*request(1))
    assert not writer.keep(*request(2))
    assert writer.kept_bytes > 0
    await writer.commit()  # nobody waits for what is not on the disk
    with pytest.raises(LedgerUnavailable, match="full"):
        writer.append(*request(3))
    full()

    assert writer.keep(*request(4))
    assert writer.kept_bytes == 0
    assert everything(data) == [*request(1), *request(2), *request(4)]
    writer.close()


@pytest.mark.parametrize("end", [SpoolWriter.catch_up, SpoolWriter.close])
async def test_what_waits_is_written_without_a_call_once_there_is_room(data, full, end):
    writer = SpoolWriter(data.spool, "ins_a")
    writer.keep(*request(1))
    with pytest.raises(LedgerUnavailable):
        writer.catch_up()
    full()

    end(writer)
    assert everything(data) == request(1)


async def test_a_full_disk_and_a_full_memory_refuse(data, full, monkeypatch):
    monkeypatch.setattr(spool_module, "MOST_KEPT_BYTES", 3000)
    writer = SpoolWriter(data.spool, "ins_a")
    writer.keep(*request(1))
    assert 1500 < writer.kept_bytes <= 3000
    with pytest.raises(LedgerUnavailable):
        writer.keep(*request(2))
    full()

    writer.close()
    assert everything(data) == request(1)


async def test_what_waits_is_not_written_twice_if_the_disk_takes_a_part_of_it(data, full, monkeypatch):
    writer = SpoolWriter(data.spool, "ins_a")
    writer.keep(*request(1))
    writer.keep(*request(2))
    full()
    whole_write, calls = os.write, []

    def second_in_part(descriptor, payload):
        calls.append(payload)
        return whole_write(descriptor, payload[: len(payload) // (2 if len(calls) == 2 else 1)])

    with monkeypatch.context() as patch:
        patch.setattr(spool_module.os, "write", second_in_part)
        with pytest.raises(LedgerUnavailable):
            writer.append(*request(3))
    writer.append(*request(4))

    assert everything(data) == [*request(1), *request(2), *request(4)]
    writer.close()


async def test_after_a_failed_fsync_nothing_is_promised_any_more(data, monkeypatch):
    writer = SpoolWriter(data.spool, "ins_a")
    writer.append(*request(1))
    with monkeypatch.context() as patch:
        patch.setattr(spool_module.os, "fdatasync", lambda _: (_ for _ in ()).throw(OSError(errno.EIO, "gone")))
        with pytest.raises(LedgerUnavailable):
            await writer.commit()

    for take in (writer.append, writer.keep):
        with pytest.raises(LedgerUnavailable, match="restart the gateway"):
            take(*request(2))
    writer.close()


async def test_a_failed_fsync_while_rotating_stops_everything(data, monkeypatch):
    writer = SpoolWriter(data.spool, "ins_a", segment_bytes=1)
    writer.append(*request(1))
    with monkeypatch.context() as patch:
        whole = os.fsync

        def failing(descriptor: int) -> None:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EIO, "gone")
            whole(descriptor)

        patch.setattr(spool_module.os, "fsync", failing)
        await writer.commit()

    assert not writer.ok
    with pytest.raises(LedgerUnavailable, match="restart the gateway"):
        writer.append(*request(2))
    writer.close()


async def test_no_fsync_of_a_rotation_runs_on_the_event_loop(data, monkeypatch):
    writer = SpoolWriter(data.spool, "ins_a", segment_bytes=1)
    threads, whole = set(), os.fsync

    def noted(descriptor: int) -> None:
        threads.add(threading.get_ident())
        whole(descriptor)

    monkeypatch.setattr(spool_module.os, "fsync", noted)
    for number in range(1, 4):
        writer.append(*request(number))
        await writer.commit()
    monkeypatch.undo()

    assert threads
    assert threading.get_ident() not in threads
    assert len(segments(data.spool)) == 4
    assert len(everything(data)) == 12
    writer.close()


async def test_records_that_are_written_while_a_segment_is_changed_are_durable_too(data):
    writer = SpoolWriter(data.spool, "ins_a", segment_bytes=1)

    async def book(number: int) -> None:
        for step in range(5):
            writer.append(*request(100 * number + step))
            await writer.commit()

    async with anyio.create_task_group() as group:
        for number in range(1, 9):
            group.start_soon(book, number)

    assert len(everything(data)) == 8 * 5 * 4
    assert writer.ok
    writer.close()


async def test_one_fsync_serves_all_who_wait(data, monkeypatch):
    writer = SpoolWriter(data.spool, "ins_a")
    syncs = []
    monkeypatch.setattr(spool_module.os, "fdatasync", syncs.append)

    async def book(number):
        writer.append(*request(number))
        await writer.commit()

    async with anyio.create_task_group() as group:
        for number in range(50):
            group.start_soon(book, number)

    assert len(syncs) <= 2
    assert len(everything(data)) == 200
    writer.close()


def test_an_altered_or_torn_line_is_no_payload():
    assert parse_line(b"") is None
    assert parse_line(b"00000000 {}") is None
    assert parse_line(b"deadbeef") is None


async def test_a_segment_that_cannot_be_closed_keeps_nobody_waiting(data, monkeypatch):
    writer = SpoolWriter(data.spool, "ins_a", segment_bytes=1)
    olds, close = [writer._fd], os.close

    def closes(descriptor: int) -> None:
        close(descriptor)
        if descriptor in olds:
            olds.remove(descriptor)  # its number will be used again
            raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(spool_module.os, "close", closes)
    with anyio.fail_after(10):
        writer.append(*request(1))
        await writer.commit()
        writer.append(*request(2))
        await writer.commit()
    assert writer.ok
    writer.close()
    assert everything(data) == [*request(1), *request(2)]


async def test_a_writer_that_is_closed_while_a_segment_is_opened_leaves_nothing_open(data, monkeypatch):
    writer, gate, opened = SpoolWriter(data.spool, "ins_a", segment_bytes=1), threading.Event(), []
    really = writer._open

    def slowly() -> int:
        gate.wait(10)
        opened.append(really())
        return opened[0]

    monkeypatch.setattr(writer, "_open", slowly)
    writer.append(*request(1))
    async with anyio.create_task_group() as group:
        group.start_soon(writer.commit)
        await anyio.wait_all_tasks_blocked()
        while not writer._waiting or writer._durable < writer._written:
            await anyio.sleep(0.01)
        gate.set()
        writer.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened[0])
    assert everything(data) == request(1)
