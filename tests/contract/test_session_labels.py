"""What every store of session labels must do."""

import pytest
from support.fakes import Clock

from gateway.domain.label import Category, DataClass, Label, Part
from gateway.stores.sessions_memory import KEPT_S, MemorySessions

pytestmark = pytest.mark.anyio

EMAIL = Part("email", Label(DataClass.CONFIDENTIAL, frozenset({Category.PII})))
CARD = Part("credit_card", Label(DataClass.RESTRICTED, frozenset({Category.PCI})))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(clock, tmp_path):
    return MemorySessions(clock, tmp_path / "labels")


async def test_what_was_added_is_found_by_any_of_its_keys(store):
    await store.add("t", ["a", "b"], [EMAIL])
    assert await store.find("t", ["x", "b"]) == (EMAIL,)


async def test_another_team_finds_nothing(store):
    await store.add("t", ["a"], [EMAIL])
    assert await store.find("u", ["a"]) == ()


async def test_labels_are_joined_and_never_lowered(store):
    await store.add("t", ["a"], [CARD])
    await store.add("t", ["a"], [Part("credit_card", Label()), EMAIL])
    assert await store.find("t", ["a"]) == (CARD, EMAIL)


async def test_it_ends_a_day_after_its_last_use(store, clock):
    await store.add("t", ["a"], [EMAIL])
    clock.seconds += KEPT_S - 1
    assert await store.find("t", ["a"]) == (EMAIL,)
    clock.seconds += KEPT_S - 1
    assert await store.find("t", ["a"]) == (EMAIL,)
    clock.seconds += KEPT_S
    assert await store.find("t", ["a"]) == ()
