"""A client of Redis gives up soon, and reports at once that it has no address."""

import pytest
from redis.exceptions import ConnectionError as Away

from gateway.stores.state.redis_client import TIMEOUT_S, connect

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("url", ["localhost:6379", "http://localhost"])
def test_what_is_no_url_of_redis_is_refused(url):
    with pytest.raises(ValueError):  # noqa: PT011 -- any of theirs
        connect(url)


async def test_who_is_away_is_asked_twice_and_no_more(tmp_path, monkeypatch):
    client = connect(f"unix://{tmp_path}/nobody.sock")
    tried = []

    async def refused(_):
        tried.append(1)
        raise ConnectionRefusedError

    monkeypatch.setattr("redis.asyncio.connection.UnixDomainSocketConnection._connect", refused)
    with pytest.raises(Away):
        await client.get("x")
    await client.aclose()
    assert len(tried) == 2
    options = client.connection_pool.connection_kwargs
    assert options["socket_timeout"] == options["socket_connect_timeout"] == TIMEOUT_S
