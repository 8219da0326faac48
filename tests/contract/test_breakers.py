"""What every store of open breakers must do."""

import pytest
from support.fakes import Clock
from support.redis_server import redis_server

from gateway.domain.admission import StateUnavailable
from gateway.failover.breaker import Paused
from gateway.stores.state.breakers_memory import MemoryBreakers
from gateway.stores.state.breakers_redis import RedisBreakers

pytestmark = pytest.mark.anyio

DOWN = Paused("home", "http://10.0.0.1:30000", 30.0)
BUSY = Paused("away", "https://api.example.org", 50.0, saturated=True)


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
def server():
    with redis_server() as server:
        yield server


@pytest.fixture(params=["memory", "redis", "cluster"])
async def workers(request):
    """Three workers of one gateway."""
    if request.param == "memory":
        first = MemoryBreakers(Clock(), "a")
        made = [first, first.beside("b"), first.beside("c")]
    else:
        server = request.getfixturevalue("server" if request.param == "redis" else "cluster")
        with server.client() as client:
            client.flushall()
        made = [RedisBreakers(server.url, name) for name in "abc"]
    yield made
    for one in made:
        await one.close()


def names(reports):
    return sorted((one.target, one.endpoint, one.saturated) for one in reports)


async def test_nobody_has_anything_to_say_at_first(workers):
    assert [await one.share(()) for one in workers] == [(), (), ()]


async def test_a_worker_hears_what_the_others_pause_and_not_its_own(workers):
    one, other, third = workers
    assert await one.share([DOWN]) == ()
    reports = await other.share([BUSY])
    assert names(reports) == names([DOWN])
    assert 29 < reports[0].seconds <= 30
    assert names(await third.share(())) == names([DOWN, BUSY])
    assert names(await one.share([DOWN])) == names([BUSY])


async def test_what_a_worker_no_longer_says_is_taken_back(workers):
    one, other, _ = workers
    await one.share([DOWN, BUSY])
    await one.share([BUSY])
    assert names(await other.share(())) == names([BUSY])
    await one.share(())
    assert await other.share(()) == ()


async def test_what_a_dead_worker_said_ends_by_itself(workers):
    one, other, _ = workers
    await one.share([Paused("home", "http://x", 0.0)])
    assert await other.share(()) == ()


async def test_redis_keeps_nothing_of_workers_that_ended_and_forgets_scripts_without_harm(server):
    worker, other = RedisBreakers(server.url, "w"), RedisBreakers(server.url, "o")
    with server.client() as client:
        client.flushall()
        await worker.share([Paused("home", "http://x", 0.0)])
        client.script_flush()
        await other.share(())
        assert client.keys() == []
    await worker.close()
    await other.close()


@pytest.mark.parametrize("url", ["unix:///nowhere/redis.sock", "redis://127.0.0.1:9?cluster=true"])
async def test_a_redis_that_is_away_is_reported(url):
    worker = RedisBreakers(url, "w")
    with pytest.raises(StateUnavailable):
        await worker.share([DOWN])
    await worker.close()
