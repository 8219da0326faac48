"""What every store of session labels must do."""

import pytest
from support.fakes import Clock
from support.labels import found
from support.redis_server import redis_server

from gateway.domain.label import Category, DataClass, Label, Part
from gateway.ports import SessionsUnavailable
from gateway.sensitivity.forgetting import Forgotten
from gateway.sensitivity.origins import Origin
from gateway.stores.sessions import redis as module
from gateway.stores.sessions.memory import KEPT_S, MemorySessions
from gateway.stores.sessions.redis import RedisSessions

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


@pytest.fixture(params=["memory", "redis", "cluster"])
def time(request):
    if request.param == "memory":
        return Passing()
    server = request.getfixturevalue("server" if request.param == "redis" else "cluster")
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
    await store.begin(fresh=True)
    yield store
    await store.close()


async def test_what_was_added_is_found_by_any_of_its_keys(store):
    await store.add("t", ["a", "b"], [EMAIL])
    assert await found(store, "t", ["x", "b"]) == (EMAIL,)


async def test_another_team_finds_nothing(store):
    await store.add("t", ["a"], [EMAIL])
    assert await found(store, "u", ["a"]) == ()


async def test_labels_are_joined_and_never_lowered(store):
    await store.add("t", ["a"], [CARD])
    await store.add("t", ["a"], [Part("credit_card", Label()), EMAIL])
    assert await found(store, "t", ["a"]) == (CARD, EMAIL)


async def test_it_ends_a_day_after_its_last_use(store, time):
    await store.add("t", ["a"], [EMAIL])
    time.passes(KEPT_S - 60)
    assert await found(store, "t", ["a"]) == (EMAIL,)
    time.passes(KEPT_S - 60)
    assert await found(store, "t", ["a"]) == (EMAIL,)
    time.passes(KEPT_S)
    assert await found(store, "t", ["a"]) == ()


async def test_who_issued_a_sealed_block_is_known_to_its_team_for_a_day(store, time):
    await store.seal("t", ["d", "e"], "anthropic")
    assert await store.sealed_by("t", ["d", "x"]) == {"d": "anthropic"}
    assert await store.sealed_by("u", ["d"]) == {}
    time.passes(KEPT_S - 60)
    assert await store.sealed_by("t", ["e"]) == {"e": "anthropic"}
    time.passes(KEPT_S)
    assert await store.sealed_by("t", ["d", "e"]) == {}


async def test_nothing_asked_is_nothing_found(store):
    assert await found(store, "t", []) == ()
    assert await store.sealed_by("t", []) == {}
    await store.add("t", ["a"], [])
    assert await found(store, "t", ["a"]) == ()


async def test_of_a_long_session_no_key_is_missed(store):
    keys = [f"c:{number}" for number in range(10_000)]
    await store.add("t", [keys[0]], [EMAIL])
    await store.add("t", [keys[-1], keys[5000]], [CARD, EMAIL])
    assert await found(store, "t", keys) == (CARD, EMAIL)
    await store.seal("t", keys[::2], "vendor")
    assert await store.sealed_by("t", keys) == dict.fromkeys(keys[::2], "vendor")


async def test_each_use_of_a_long_session_is_one_round_trip_to_redis(server):
    with server.client() as client:
        client.flushall()
        store, keys = RedisSessions(server.url), [f"c:{number}" for number in range(4000)]
        await store.begin(fresh=True)
        for once in range(2):  # the first time each script is sent
            client.config_resetstat()
            await store.add("t", keys[once:5], [EMAIL, CARD])
            await found(store, "t", keys)
            await store.seal("t", keys, "vendor")
            await store.sealed_by("t", keys)
        assert client.info("commandstats")["cmdstat_evalsha"]["calls"] == 4
        assert await found(store, "t", keys) == (CARD, EMAIL)
    await store.close()


async def test_scripts_that_redis_forgot_are_sent_again(server):
    store = RedisSessions(server.url)
    await store.begin(fresh=True)
    with server.client() as client:
        client.script_flush()
    await store.add("t", ["flushed"], [EMAIL])
    assert await found(store, "t", ["flushed"]) == (EMAIL,)
    await store.close()


async def test_a_loss_between_two_parts_of_a_long_look_up_is_noticed(server, monkeypatch):
    monkeypatch.setattr("gateway.stores.sessions.redis.MOST_KEYS", 2)
    store = RedisSessions(server.url)
    with server.client() as client:
        client.flushall()
        await store.begin(fresh=True)
        call, calls = store._call, []

        async def forgets(*asked):
            calls.append(asked)
            if len(calls) == 2:
                client.flushall()
            return await call(*asked)

        monkeypatch.setattr(store, "_call", forgets)
        await found(store, "t", ["a", "b", "c", "d"])
    assert not await store.covers("t", None, "", keep=True)
    await store.close()


async def test_a_store_that_is_away_says_so_whatever_is_asked(tmp_path):
    store = RedisSessions(f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(SessionsUnavailable):
        await found(store, "t", ["a"])
    with pytest.raises(SessionsUnavailable):
        await store.add("t", ["a"], [EMAIL])
    with pytest.raises(SessionsUnavailable):
        await store.sealed_by("t", ["d"])
    with pytest.raises(SessionsUnavailable):
        await store.seal("t", ["d"], "openai")
    await store.close()


async def test_what_could_not_be_written_is_there_before_anybody_reads_again(server, monkeypatch):
    store, other = RedisSessions(server.url), RedisSessions(server.url)
    for one in (store, other):
        await one.begin(fresh=True)
    await store.add("t", ["a"], [])
    with monkeypatch.context() as away:
        away.setattr(store, "_call", _away)
        for _ in range(2):
            with pytest.raises(SessionsUnavailable):
                await store.add("t", ["a", "b"], [EMAIL])
            with pytest.raises(SessionsUnavailable):
                await found(store, "t", ["a"])

    assert await found(store, "t", ["x"]) == ()
    assert await found(other, "t", ["b"]) == (EMAIL,)
    assert await store.find("t", ["a", "b"]) == [(EMAIL,), (EMAIL,)]
    for one in (store, other):
        await one.close()


async def test_more_than_can_be_kept_while_redis_is_away_counts_as_lost(server, monkeypatch):
    monkeypatch.setattr(module, "MOST_OWED", 3)
    store = RedisSessions(server.url)
    await store.begin(fresh=True)
    with monkeypatch.context() as away:
        away.setattr(store, "_call", _away)
        for key in "abcd":
            with pytest.raises(SessionsUnavailable):
                await store.add("t", [key], [EMAIL])

    await store.find("t", ["x"])
    assert not await store.covers("t", None, "", keep=True)
    await store.close()


async def _away(*_):
    raise SessionsUnavailable("away")


async def test_what_is_no_label_counts_as_unknown_and_never_as_nothing(server):
    with server.client() as client:
        client.hset("{gateway}:said:t:a", '["email", {}]', "1")
    store = RedisSessions(server.url)
    await store.begin(fresh=True)
    with pytest.raises(SessionsUnavailable):
        await found(store, "t", ["a"])
    await store.close()


async def test_a_key_that_carries_nothing_is_known_and_another_is_not(store):
    await store.add("t", ["a"], [])
    store.plain(["b"])
    assert await store.find("t", ["a", "b", "c"]) == [(), (), None]


async def test_a_key_that_carried_nothing_carries_what_is_added(store):
    store.plain(["a"])
    await store.add("t", ["b"], [])
    await store.add("t", ["a", "b"], [EMAIL])
    assert await store.find("t", ["a", "b"]) == [(EMAIL,), (EMAIL,)]


async def test_what_a_decision_brought_is_forgotten_and_the_rest_stays(store):
    origin = Origin("credit_card", "dec_1", 100).as_part()
    await store.add("t", ["a"], [EMAIL, CARD, origin])
    await store.add("t", ["b"], [CARD, origin])
    for key in ("a", "b", "never"):
        await store.forget(Forgotten("t", key, "dec_1"))
    assert await found(store, "t", ["a"]) == (EMAIL,)
    assert await store.find("t", ["b"]) == [None]
    await store.forget(Forgotten("t", "a"))
    assert await store.find("t", ["a"]) == [None]


async def test_a_store_that_lost_nothing_covers_every_conversation(store):
    assert await found(store, "t", ["a"]) == ()
    assert await store.covers("t", None, "k:1", keep=True)
    assert await store.covers("t", "k:1", "k:2", keep=True)


class Gateways:
    """Two of them over one Redis that keeps nothing on disk."""

    def __init__(self, server):
        self.server = server
        self.one, self.other = RedisSessions(server.url), RedisSessions(server.url)

    def forget(self):
        with self.server.client() as client:
            client.flushall()

    async def begin(self, *, fresh=True):
        for store in (self.one, self.other):
            await store.begin(fresh=fresh)

    async def covers(self, store, earlier, now="", *, keep=True):
        """Ask as the pipeline does: what is found first."""
        await found(store, "t", [])
        return await store.covers("t", earlier, now, keep=keep)


@pytest.fixture
async def gateways(server):
    made = Gateways(server)
    made.forget()
    yield made
    await made.one.close()
    await made.other.close()


class TestAfterALoss:
    """A Redis that came back empty frees no conversation that may be older than that."""

    async def test_what_may_be_older_is_not_covered_and_what_surely_began_after_it_is(self, gateways):
        await gateways.begin()
        gateways.forget()
        assert not await gateways.covers(gateways.one, None, "k:id")
        assert not await gateways.covers(gateways.one, "k:old", "k:old2")
        assert await gateways.covers(gateways.one, "", "k:1")
        assert await gateways.covers(gateways.other, "k:1", "k:2")
        assert await gateways.covers(gateways.one, "k:2", "k:3")
        assert not await gateways.covers(gateways.one, "k:old2", "k:old3")

    async def test_a_server_that_was_killed_and_came_back_is_noticed_by_all(self, gateways):
        await gateways.begin()
        gateways.server.stop()
        gateways.server.start()
        assert not await gateways.covers(gateways.other, None)
        assert not await gateways.covers(gateways.one, None)

    async def test_each_loss_ends_what_the_one_before_had_shown(self, gateways):
        await gateways.begin()
        for _ in range(2):
            gateways.forget()
            assert not await gateways.covers(gateways.one, "k:1", "k:2")
            assert await gateways.covers(gateways.one, "", "k:1")
            assert not await gateways.covers(gateways.other, "k:old", "k:older")

    async def test_a_dry_run_shows_nothing(self, gateways):
        await gateways.begin()
        gateways.forget()
        assert await gateways.covers(gateways.one, "", "k:1", keep=False)
        assert not await gateways.covers(gateways.one, "k:1", "k:2")

    async def test_a_newcomer_without_a_past_does_not_hide_the_loss_from_those_who_have_one(self, gateways):
        await gateways.one.begin(fresh=True)
        gateways.forget()
        await gateways.other.begin(fresh=True)
        assert not await gateways.covers(gateways.one, None)
        assert not await gateways.covers(gateways.other, None)

    async def test_a_gateway_that_was_down_meanwhile_knows_from_its_ledger(self, gateways):
        await gateways.begin(fresh=False)
        assert not await gateways.covers(gateways.one, None)
        later = RedisSessions(gateways.server.url)
        await later.begin(fresh=True)
        assert not await gateways.covers(later, None)
        await later.close()

    async def test_a_day_later_all_would_have_ended(self, gateways):
        with gateways.server.client() as client:
            seconds = client.time()[0]
            client.set("{gateway}:said", f"lost:{(seconds - KEPT_S - 1) * 1_000_000}")
        await gateways.begin()
        assert await gateways.covers(gateways.one, None)

    async def test_what_began_as_nobody_could_be_asked_finds_nothing(self, gateways):
        with pytest.raises(SessionsUnavailable):
            await found(gateways.one, "t", ["a"])

    async def test_a_mark_that_nobody_wrote_is_a_loss(self, gateways):
        await gateways.begin()
        with gateways.server.client() as client:
            client.set("{gateway}:said", "lost:soon")
        assert not await gateways.covers(gateways.one, None)
