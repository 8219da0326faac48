"""What the store in process does beyond the contract (tests/contract/test_session_labels.py): journal, clock, bound."""

import os
from io import FileIO
from pathlib import Path

import anyio
import pytest
from support.fakes import Clock
from support.labels import found

from gateway.domain.label import Category, DataClass, Label, Part
from gateway.ports import SessionsUnavailable
from gateway.sensitivity.forgetting import Forgotten
from gateway.sensitivity.origins import Origin
from gateway.stores.sessions.journal import Line
from gateway.stores.sessions.memory import KEPT_S, MOST_KEYS, SLICE, MemorySessions

pytestmark = pytest.mark.anyio

EMAIL = Part("email", Label(DataClass.CONFIDENTIAL, frozenset({Category.PII})))
CARD = Part("credit_card", Label(DataClass.RESTRICTED, frozenset({Category.PCI})))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(clock, tmp_path):
    return MemorySessions(clock, tmp_path / "labels")


class Disk:
    """Notes how long a file was when it was made durable last; it can fail."""

    def __init__(self):
        self.synced, self.fails = 0, False
        self.before = lambda: None
        self.fsync = os.fsync

    def __call__(self, descriptor):
        if self.fails:
            raise OSError("the disk is broken")
        self.before()
        self.fsync(descriptor)
        self.synced = os.fstat(descriptor).st_size


@pytest.fixture
def disk(store, monkeypatch):
    made = Disk()
    monkeypatch.setattr("gateway.stores.sessions.journal.os.fsync", made)
    return made


async def test_a_wall_clock_that_jumps_ends_nothing(store, clock):
    await store.add("t", ["a"], [EMAIL])
    clock.wall += 10 * KEPT_S * 10**9
    assert await found(store, "t", ["a"]) == (EMAIL,)


async def test_a_restart_forgets_nothing(store, clock, tmp_path):
    await store.add("t", ["a"], [EMAIL])
    await store.seal("t", ["d"], "vendor")
    again = MemorySessions(clock, tmp_path / "labels")
    assert await found(again, "t", ["a"]) == (EMAIL,)
    assert await again.sealed_by("t", ["d", "x"]) == {"d": "vendor"}


async def test_an_old_entry_is_gone_after_a_restart_and_many_restarts_make_none_older(store, clock, tmp_path):
    await store.add("t", ["a"], [EMAIL])
    for _ in range(5):
        MemorySessions(clock, tmp_path / "labels").close()
    clock.wall += (KEPT_S + 2 * 3600) * 10**9
    assert await found(MemorySessions(clock, tmp_path / "labels"), "t", ["a"]) == ()


async def test_what_was_forgotten_stays_forgotten_after_a_restart(store, clock, tmp_path):
    await store.add("t", ["a"], [EMAIL, CARD, Origin("email", "dec_1", 1).as_part()])
    await store.add("t", ["b"], [EMAIL])
    await store.forget(Forgotten("t", "a", "dec_1"))
    await store.forget(Forgotten("t", "b"))
    again = MemorySessions(clock, tmp_path / "labels")
    assert await found(again, "t", ["a"]) == (CARD,)
    assert await again.find("t", ["b"]) == [None]


async def test_a_line_cut_by_a_crash_costs_that_line_alone(store, clock, tmp_path):
    await store.add("t", ["a"], [EMAIL])
    with (tmp_path / "labels").open("a") as file:
        file.write('{"team": "t", "ke')
    assert await found(MemorySessions(clock, tmp_path / "labels"), "t", ["a"]) == (EMAIL,)


async def test_a_journal_that_cannot_be_written_is_reported_and_written_later(store, clock, tmp_path):
    file, store._journal._file = store._journal._file, FileIO("/dev/full", "w")
    with pytest.raises(SessionsUnavailable):
        await store.add("t", ["a"], [EMAIL])
    store._journal._file = file
    await store.add("t", ["a"], [EMAIL])
    assert await found(MemorySessions(clock, tmp_path / "labels"), "t", ["a"]) == (EMAIL,)


async def test_the_journal_is_its_owners_and_holds_no_words(store, tmp_path):
    await store.add("t", ["s:0123"], [EMAIL])
    assert (tmp_path / "labels").stat().st_mode & 0o777 == 0o600


async def test_a_team_with_too_many_conversations_counts_as_tainted_until_some_end(clock):
    store = MemorySessions(clock, most=2)
    await store.add("t", ["a", "b"], [EMAIL])
    with pytest.raises(SessionsUnavailable):
        await store.add("t", ["c"], [EMAIL])
    with pytest.raises(SessionsUnavailable):
        await found(store, "t", ["other"])
    assert await found(store, "u", ["other"]) == ()
    clock.seconds += KEPT_S
    assert await found(store, "t", ["other"]) == ()
    assert MOST_KEYS > 1000


async def test_a_journal_of_outdated_lines_is_written_anew_while_it_runs(clock, tmp_path, monkeypatch):
    monkeypatch.setattr("gateway.stores.sessions.memory.SPARE_LINES", 5)
    store = MemorySessions(clock, tmp_path / "labels")
    for _ in range(30):
        clock.seconds += 3600
        clock.wall += 3600 * 10**9
        await store.add("t", ["a"], [EMAIL])
        assert await found(store, "t", ["a"]) == (EMAIL,)
        await store.tidy()
    assert len((tmp_path / "labels").read_text().splitlines()) < 15
    assert await found(MemorySessions(clock, tmp_path / "labels"), "t", ["a"]) == (EMAIL,)


async def test_sealed_blocks_take_no_room_from_conversations_and_the_oldest_are_forgotten(clock):
    store = MemorySessions(clock, most=2)
    for digest in ("1", "2", "3"):
        clock.seconds += 1
        await store.seal("t", [digest], "vendor")
    assert await store.sealed_by("t", ["1", "2", "3"]) == {"2": "vendor", "3": "vendor"}
    assert await found(store, "t", ["a"]) == ()


async def test_a_use_soon_after_a_restart_keeps_a_conversation_for_another_day(store, clock, tmp_path):
    await store.add("t", ["a"], [EMAIL])
    passes(clock, KEPT_S - 3600)
    again = MemorySessions(clock, tmp_path / "labels")
    passes(clock, 60)
    assert await found(again, "t", ["a"]) == (EMAIL,)
    passes(clock, KEPT_S - 60)
    assert await found(MemorySessions(clock, tmp_path / "labels"), "t", ["a"]) == (EMAIL,)


def passes(clock, seconds):
    clock.seconds += seconds
    clock.wall += seconds * 10**9


class TestLoss:
    """What nobody can show to be complete is never said to be."""

    async def test_a_journal_that_is_gone_is_a_loss_unless_there_were_no_conversations(self, clock, tmp_path):
        for fresh in (True, False):
            store = MemorySessions(clock, tmp_path / f"gone{fresh}")
            await store.begin(fresh=fresh)
            assert await store.covers("t", None, "k:1", keep=True) == fresh

    async def test_one_that_is_there_covers_every_conversation(self, store, clock, tmp_path):
        await store.begin(fresh=True)
        again = MemorySessions(clock, tmp_path / "labels")
        await again.begin(fresh=False)
        assert await again.covers("t", None, "k:1", keep=True)

    async def test_what_surely_began_after_the_loss_is_covered_and_all_is_a_day_later(self, clock, tmp_path):
        store = MemorySessions(clock, tmp_path / "labels")
        await store.begin(fresh=False)
        assert not await store.covers("t", "k:old", "k:old2", keep=True)
        assert not await store.covers("t", "k:old2", "k:old3", keep=True)
        assert await store.covers("t", "", "k:1", keep=True)
        assert await store.covers("t", "k:1", "k:2", keep=False)
        assert not await store.covers("t", "k:2", "k:3", keep=True)
        assert not await store.covers("u", "k:1", "k:2", keep=True)
        passes(clock, KEPT_S)
        assert await store.covers("t", None, "k:4", keep=True)

    async def test_a_restart_does_not_end_it_and_a_day_does(self, clock, tmp_path):
        await MemorySessions(clock, tmp_path / "labels").begin(fresh=False)
        passes(clock, KEPT_S - 60)
        for _ in range(2):
            again = MemorySessions(clock, tmp_path / "labels")
            await again.begin(fresh=True)
            assert not await again.covers("t", None, "", keep=True)
        passes(clock, 60)
        assert await MemorySessions(clock, tmp_path / "labels").covers("t", None, "", keep=True)

    @pytest.mark.parametrize("garbage", [b"\x00" * 80, b"[]", b"5", b'{"team": "t"}', b'{"lost": null}'])
    async def test_a_line_that_cannot_be_read_is_a_loss(self, store, clock, tmp_path, garbage):
        await store.add("t", ["a"], [EMAIL])
        path = tmp_path / "labels"
        path.write_bytes(garbage + b"\n" + path.read_bytes())
        again = MemorySessions(clock, path)
        assert await found(again, "t", ["a"]) == (EMAIL,)
        assert not await again.covers("t", None, "", keep=True)


class TestPowerLoss:
    """What may not leave does not leave: a label is on the disk before the call that it is of."""

    async def test_no_cut_after_the_last_fsync_loses_a_label_that_was_promised(self, store, clock, tmp_path, disk):
        for number in range(5):
            await store.add("t", [f"a{number}"], [EMAIL])
        await store.seal("t", ["d"], "vendor")
        safe = disk.synced
        disk.fails = True
        with pytest.raises(SessionsUnavailable):
            await store.add("t", ["b", "c"], [EMAIL])
        whole = (tmp_path / "labels").read_bytes()
        assert len(whole) > safe
        for cut in range(safe, len(whole) + 1):
            (tmp_path / "cut").write_bytes(whole[:cut])
            disk.fails = False
            again = MemorySessions(clock, tmp_path / "cut")
            for number in range(5):
                assert await found(again, "t", [f"a{number}"]) == (EMAIL,)
            assert await again.sealed_by("t", ["d"]) == {"d": "vendor"}
            assert await again.covers("t", None, "", keep=True)
            again.close()

    async def test_after_a_failed_fsync_nothing_is_promised_until_the_journal_was_written_anew(
        self, store, clock, tmp_path, disk
    ):
        disk.fails = True
        with pytest.raises(SessionsUnavailable):
            await store.add("t", ["a"], [EMAIL])
        await store.tidy()
        disk.fails = False
        with pytest.raises(SessionsUnavailable):  # the kernel may have dropped the pages
            await store.add("t", ["a"], [EMAIL])
        await store.tidy()
        await store.add("t", ["a"], [EMAIL])
        assert await found(MemorySessions(clock, tmp_path / "labels"), "t", ["a"]) == (EMAIL,)

    async def test_a_label_that_another_request_is_writing_is_promised_to_none_before_it_is_on_the_disk(
        self, store, disk
    ):
        order = []

        async def add():
            await store.add("t", ["a"], [EMAIL])
            order.append("promised")

        disk.before = lambda: order.append("fsync")
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(add)
        assert order == ["fsync", "promised", "promised", "promised"]

    async def test_what_another_request_adds_while_a_use_waits_for_the_disk_is_found(self, store, clock, monkeypatch):
        await store.add("t", ["a"], [EMAIL])
        passes(clock, 7200)
        synced = store._journal.synced

        async def meanwhile():
            monkeypatch.setattr(store._journal, "synced", synced)
            await store.add("t", ["a"], [CARD])
            await synced()

        monkeypatch.setattr(store._journal, "synced", meanwhile)
        assert await found(store, "t", ["a"]) == (CARD, EMAIL)

    async def test_a_new_journal_is_on_the_disk_before_it_takes_the_old_ones_place(self, store, disk, monkeypatch):
        steps, replace = [], Path.replace
        disk.before = lambda: steps.append("fsync")
        monkeypatch.setattr(Path, "replace", lambda *paths: (steps.append("replace"), replace(*paths)))
        await store._journal.rewrite(store._slices())
        assert steps == ["fsync", "replace", "fsync", "fsync"]  # at last file and folder

    async def test_no_label_is_lost_that_comes_while_the_journal_is_written_anew(
        self, store, clock, tmp_path, monkeypatch
    ):
        monkeypatch.setattr("gateway.stores.sessions.memory.SLICE", 10)
        promised = []
        for number in range(200):
            await store.add("t", [f"old{number}"], [EMAIL])

        async def more(name):
            for number in range(30):
                await store.add("t", [f"{name}{number}", f"old{number}"], [EMAIL, CARD])
                promised.append(f"{name}{number}")
                (tmp_path / "power is lost").write_bytes((tmp_path / "labels").read_bytes())
                again = MemorySessions(clock, tmp_path / "power is lost")
                assert [await found(again, "t", [key]) for key in promised] == [(CARD, EMAIL)] * len(promised)
                again.close()

        async with anyio.create_task_group() as group:
            for name in ("a", "b"):
                group.start_soon(more, name)
            for _ in range(3):
                await store._journal.rewrite(store._slices())
        again = MemorySessions(clock, tmp_path / "labels")
        for key in (*promised, "old7"):
            assert await found(again, "t", [key]) == (CARD, EMAIL)
        assert await found(again, "t", ["old199"]) == (EMAIL,)
        assert not (tmp_path / "labels.new").exists()

    async def test_a_journal_that_cannot_be_written_anew_stays_as_it_is(self, store, clock, tmp_path, disk):
        await store.add("t", ["a"], [EMAIL])
        disk.fails = True
        with pytest.raises(OSError, match="disk"):
            await store._journal.rewrite(store._slices())
        disk.fails = False
        await store.add("t", ["b"], [EMAIL])
        again = MemorySessions(clock, tmp_path / "labels")
        assert await found(again, "t", ["a"]) == await found(again, "t", ["b"]) == (EMAIL,)
        assert not (tmp_path / "labels.new").exists()


async def test_writing_the_journal_anew_and_forgetting_hold_the_loop_for_a_slice_at_most(clock, tmp_path, monkeypatch):
    monkeypatch.setattr("gateway.stores.sessions.memory.SPARE_LINES", 0)
    store, turns, most, seen = MemorySessions(clock, tmp_path / "labels"), 0, 0, 0
    for first in range(0, 20_000, 2000):
        await store.add("t", [f"a{number}" for number in range(first, first + 2000)], [EMAIL])
    encoded = Line.encoded

    def counted(line):
        nonlocal most, seen
        seen += 1
        most = max(most, seen)
        return encoded(line)

    async def others():
        nonlocal turns, seen
        while True:
            turns, seen = turns + 1, 0
            await anyio.lowlevel.checkpoint()

    monkeypatch.setattr(Line, "encoded", counted)
    async with anyio.create_task_group() as group:
        group.start_soon(others)
        store._journal.lines = 50_000
        await store.tidy()
        assert (most, turns > 20) == (SLICE, True)
        turns = 0
        clock.seconds += KEPT_S
        await store.tidy()
        assert turns >= 20
        group.cancel_scope.cancel()
    assert store._teams == {}


async def test_a_use_by_an_answer_is_written_down_too(store, clock, tmp_path):
    await store.add("t", ["a"], [EMAIL])
    for seconds in (3599, 600):
        clock.seconds += seconds
        clock.wall += seconds * 10**9
        await (found(store, "t", ["a"]) if seconds == 3599 else store.add("t", ["a"], [EMAIL]))
    clock.wall += (KEPT_S - 60) * 10**9
    clock.seconds += KEPT_S - 60
    assert await found(MemorySessions(clock, tmp_path / "labels"), "t", ["a"]) == (EMAIL,)


async def test_a_cut_line_inside_of_the_journal_is_gone_once_it_was_written_anew(store, clock, tmp_path, monkeypatch):
    await store.add("t", ["a"], [EMAIL])
    whole = FileIO.write
    monkeypatch.setattr(store._journal, "_file", Short(store._journal._file))
    with pytest.raises(SessionsUnavailable):
        await store.add("t", ["b"], [EMAIL])
    monkeypatch.undo()
    assert FileIO.write is whole
    await store.add("t", ["c"], [EMAIL])
    await store.tidy()

    again = MemorySessions(clock, tmp_path / "labels")
    await again.begin(fresh=False)
    assert await again.covers("t", "", "now", keep=False)
    assert await found(again, "t", ["b"]) == (EMAIL,)


class Short:
    """A file on a disk that is full after a few bytes."""

    def __init__(self, file):
        self._file = file

    def write(self, text):
        return self._file.write(text[:7])

    def __getattr__(self, name):
        return getattr(self._file, name)
