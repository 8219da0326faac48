"""The file that labels outlive a process in: what is read, what is promised, what a broken disk leaves."""

import os
from io import FileIO

import anyio
import pytest

from gateway.domain.label import Category, DataClass, Label
from gateway.stores.sessions.journal import Journal, Line, lost, read

pytestmark = pytest.mark.anyio

EMAIL = Label(DataClass.CONFIDENTIAL, frozenset({Category.PII}))


def line(key):
    return Line("t", key, 1_795_000_000, {"email": EMAIL}, "vendor")


def encoded(*keys):
    return [line(key).encoded() for key in keys]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal"


@pytest.fixture
def journal(path):
    return Journal(path, encoded("a"))


async def test_what_is_appended_is_read_again_in_its_order(journal, path):
    journal.append(encoded("b", "a"))
    journal.append([lost(1_795_000_000.5)])
    kept = read(path)
    assert kept.lines == [line("a"), line("b"), line("a")]
    assert (kept.lost_until, kept.damaged, journal.lines) == (1_795_000_000.5, False, 4)


async def test_a_cut_at_any_byte_costs_the_last_line_alone_and_is_no_damage(journal, path):
    journal.append(encoded("b"))
    whole = path.read_bytes()
    first = len(encoded("a")[0])
    for cut in range(first, len(whole)):
        path.write_bytes(whole[:cut])
        kept = read(path)
        assert (kept.lines[0], kept.damaged) == (line("a"), False)


async def test_a_line_that_cannot_be_read_is_damage_unless_it_was_cut(path):
    path.write_bytes(b"".join([*encoded("a"), b"\xff\n", *encoded("b")]))
    kept = read(path)
    assert (kept.lines, kept.damaged) == ([line("a"), line("b")], True)


async def test_a_journal_that_is_not_there_cannot_be_read(path):
    with pytest.raises(FileNotFoundError):
        read(path)


async def test_what_a_full_disk_cut_is_followed_by_a_line_of_its_own_and_wants_a_new_file(journal, path):
    file, journal._file = journal._file, FileIO("/dev/full", "w")
    with pytest.raises(OSError, match="space"):
        journal.append(encoded("b"))
    journal._file = file
    os.write(file.fileno(), encoded("b")[0][:20])
    journal.append(encoded("c"))
    assert [one.key for one in read(path).lines] == ["a", "c"]
    journal._torn = True
    assert journal.suspect
    await journal.rewrite(iter([encoded("b"), encoded("c")]))
    assert not journal.suspect
    assert (read(path).lines, read(path).damaged) == ([line("b"), line("c")], False)


async def test_a_write_to_a_closed_journal_is_an_error(journal):
    journal.close()
    with pytest.raises(OSError, match="closed"):
        journal.append(encoded("b"))


async def test_one_fsync_serves_all_who_wait(journal, monkeypatch):
    calls, fsync = [], os.fsync
    monkeypatch.setattr("gateway.stores.sessions.journal.os.fsync", lambda one: (calls.append(one), fsync(one)))
    journal.append(encoded("b"))
    async with anyio.create_task_group() as group:
        for _ in range(10):
            group.start_soon(journal.synced)
    await journal.synced()
    assert len(calls) == 1


async def test_a_new_file_whose_name_may_not_be_on_the_disk_is_trusted_by_nobody(journal, path, monkeypatch):
    left, fsync = [1], os.fsync

    def fails_at_last(descriptor):
        if not left:
            raise OSError("the disk is broken")
        left.pop()
        fsync(descriptor)

    monkeypatch.setattr("gateway.stores.sessions.journal.os.fsync", fails_at_last)
    with pytest.raises(OSError, match="disk"):
        await journal.rewrite(iter([encoded("b")]))
    assert journal.suspect
    with pytest.raises(OSError, match="fsync"):
        await journal.synced()
    with pytest.raises(OSError, match="fsync"):
        journal.append(encoded("c"))
    monkeypatch.setattr("gateway.stores.sessions.journal.os.fsync", fsync)
    await journal.rewrite(iter([encoded("b")]))
    journal.append(encoded("c"))
    await journal.synced()
    assert [one.key for one in read(path).lines] == ["b", "c"]


async def test_a_writing_anew_that_is_cut_short_leaves_the_old_file_and_all_that_came(journal, path):
    with anyio.move_on_after(0) as scope:
        await journal.rewrite(iter([encoded("b")]))
    assert scope.cancelled_caught
    journal.append(encoded("c"))
    await journal.synced()
    assert [one.key for one in read(path).lines] == ["a", "c"]


async def test_who_waits_behind_a_disk_that_hangs_gives_up(journal):
    journal.append(encoded("b"))
    hangs = anyio.Event()

    async def other(*, task_status) -> None:
        async with journal._syncing:  # its fsync
            task_status.started()
            await hangs.wait()

    async with anyio.create_task_group() as group:
        await group.start(other)
        with anyio.fail_after(10), pytest.raises(OSError):  # noqa: PT011 -- a TimeoutError is one
            await journal.synced_within(0)
        hangs.set()
    await journal.synced_within(10)
    await journal.synced_within(0)  # nothing is left to wait for
