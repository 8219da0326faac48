"""What the store in process does beyond the contract (tests/contract/test_session_labels.py): journal, clock, bound."""

import pytest
from support.fakes import Clock

from gateway.domain.label import Category, DataClass, Label, Part
from gateway.ports import SessionsUnavailable
from gateway.stores.sessions.memory import KEPT_S, MOST_KEYS, MemorySessions

pytestmark = pytest.mark.anyio

EMAIL = Part("email", Label(DataClass.CONFIDENTIAL, frozenset({Category.PII})))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(clock, tmp_path):
    return MemorySessions(clock, tmp_path / "labels")


async def test_a_wall_clock_that_jumps_ends_nothing(store, clock):
    await store.add("t", ["a"], [EMAIL])
    clock.wall += 10 * KEPT_S * 10**9
    assert await store.find("t", ["a"]) == (EMAIL,)


async def test_a_restart_forgets_nothing(store, clock, tmp_path):
    await store.add("t", ["a"], [EMAIL])
    await store.seal("t", ["d"], "vendor")
    again = MemorySessions(clock, tmp_path / "labels")
    assert await again.find("t", ["a"]) == (EMAIL,)
    assert await again.sealed_by("t", ["d", "x"]) == {"d": "vendor"}


async def test_an_old_entry_is_gone_after_a_restart_and_many_restarts_make_none_older(store, clock, tmp_path):
    await store.add("t", ["a"], [EMAIL])
    for _ in range(5):
        MemorySessions(clock, tmp_path / "labels").close()
    clock.wall += (KEPT_S + 2 * 3600) * 10**9
    assert await MemorySessions(clock, tmp_path / "labels").find("t", ["a"]) == ()


async def test_a_line_cut_by_a_crash_costs_that_line_alone(store, clock, tmp_path):
    await store.add("t", ["a"], [EMAIL])
    with (tmp_path / "labels").open("a") as file:
        file.write('{"team": "t", "ke')
    assert await MemorySessions(clock, tmp_path / "labels").find("t", ["a"]) == (EMAIL,)


async def test_a_journal_that_cannot_be_written_is_told_and_written_later(store, clock, tmp_path):
    store._journal.close()
    with pytest.raises(SessionsUnavailable):
        await store.add("t", ["a"], [EMAIL])
    store._journal = (tmp_path / "labels").open("a")
    await store.add("t", ["a"], [EMAIL])
    assert await MemorySessions(clock, tmp_path / "labels").find("t", ["a"]) == (EMAIL,)


async def test_the_journal_is_its_owners_and_holds_no_words(store, tmp_path):
    await store.add("t", ["s:0123"], [EMAIL])
    assert (tmp_path / "labels").stat().st_mode & 0o777 == 0o600


async def test_a_team_with_too_many_conversations_counts_as_tainted_until_some_end(clock):
    store = MemorySessions(clock, most=2)
    await store.add("t", ["a", "b"], [EMAIL])
    with pytest.raises(SessionsUnavailable):
        await store.add("t", ["c"], [EMAIL])
    with pytest.raises(SessionsUnavailable):
        await store.find("t", ["other"])
    assert await store.find("u", ["other"]) == ()
    clock.seconds += KEPT_S
    assert await store.find("t", ["other"]) == ()
    assert MOST_KEYS > 1000


async def test_a_journal_of_outdated_lines_is_written_anew_while_it_runs(clock, tmp_path, monkeypatch):
    monkeypatch.setattr("gateway.stores.sessions.memory.SPARE_LINES", 5)
    store = MemorySessions(clock, tmp_path / "labels")
    for _ in range(30):
        clock.seconds += 3600
        clock.wall += 3600 * 10**9
        await store.add("t", ["a"], [EMAIL])
        assert await store.find("t", ["a"]) == (EMAIL,)
    assert len((tmp_path / "labels").read_text().splitlines()) < 15
    assert await MemorySessions(clock, tmp_path / "labels").find("t", ["a"]) == (EMAIL,)


async def test_sealed_blocks_take_no_room_from_conversations_and_the_oldest_are_forgotten(clock):
    store = MemorySessions(clock, most=2)
    await store.seal("t", ["1", "2", "3"], "vendor")
    assert await store.sealed_by("t", ["1", "2", "3"]) == {"2": "vendor", "3": "vendor"}
    assert await store.find("t", ["a"]) == ()
