"""What every store of session labels must do."""

import pytest
from support.fakes import Clock
from support.redis_server import redis_server

from gateway.domain.label import Category, DataClass, Label, Part
from gateway.ports import SessionsUnavailable
from gateway.stores.sessions_memory import KEPT_S, MemorySessions
from gateway.stores.sessions_redis import RedisSessions

pytestmark = pytest.mark.anyio

EMAIL = Part("email", Label(DataClass.CONFIDENTIAL, frozenset({Category.PII})))
CARD = Part("credit_card", Label(DataClass.RESTRICTED, frozenset({Category.PCI})))


@pytest.fixture(scope="module")
def server():
    with redis_server() as server:
        yield server


class Passing:
    """Time of a store in process."""

    def __init__(self):
        self.clock = Clock()

    def passes(self, seconds):
        self.clock.seconds += seconds


class RedisPassing:
    """Time of Redis, which nobody can set: what is kept comes nearer to its end instead."""

    def __init__(self, server):
        self.server = server

    def passes(self, seconds):
        with self.server.client() as client:
            for key in client.scan_iter():
                client.expire(key, client.ttl(key) - seconds)


@pytest.fixture(params=["memory", "redis"])
def time(request):
    if request.param == "memory":
        return Passing()
    server = request.getfixturevalue("server")
    with server.client() as client:
        client.flushall()
    return RedisPassing(server)


@pytest.fixture
async def store(time, tmp_path):
    if isinstance(time, Passing):
        store = MemorySessions(time.clock, tmp_path / "labels")
        yield store
        store.close()
        return
    store = RedisSessions(time.server.url)
    yield store
    await store.close()


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


async def test_it_ends_a_day_after_its_last_use(store, time):
    await store.add("t", ["a"], [EMAIL])
    time.passes(KEPT_S - 60)
    assert await store.find("t", ["a"]) == (EMAIL,)
    time.passes(KEPT_S - 60)
    assert await store.find("t", ["a"]) == (EMAIL,)
    time.passes(KEPT_S)
    assert await store.find("t", ["a"]) == ()


async def test_who_issued_a_sealed_block_is_known_to_its_team_for_a_day(store, time):
    await store.seal("t", ["d", "e"], "anthropic")
    assert await store.sealed_by("t", ["d", "x"]) == {"d": "anthropic"}
    assert await store.sealed_by("u", ["d"]) == {}
    time.passes(KEPT_S - 60)
    assert await store.sealed_by("t", ["e"]) == {"e": "anthropic"}
    time.passes(KEPT_S)
    assert await store.sealed_by("t", ["d", "e"]) == {}


async def test_nothing_asked_is_nothing_found(store):
    assert await store.find("t", []) == ()
    assert await store.sealed_by("t", []) == {}
    await store.add("t", ["a"], [])
    assert await store.find("t", ["a"]) == ()


async def test_a_store_that_is_away_says_so_whatever_is_asked(tmp_path):
    store = RedisSessions(f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(SessionsUnavailable):
        await store.find("t", ["a"])
    with pytest.raises(SessionsUnavailable):
        await store.add("t", ["a"], [EMAIL])
    with pytest.raises(SessionsUnavailable):
        await store.sealed_by("t", ["d"])
    with pytest.raises(SessionsUnavailable):
        await store.seal("t", ["d"], "openai")
    await store.close()


async def test_what_is_no_label_counts_as_unknown_and_never_as_nothing(server):
    with server.client() as client:
        client.hset("{gateway}:session:t:a", '["email", {}]', "1")
    store = RedisSessions(server.url)
    with pytest.raises(SessionsUnavailable):
        await store.find("t", ["a"])
    await store.close()
