"""One way to connect to Redis: what is asked on the way of a request must fail soon, and is asked twice at most."""

from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

TIMEOUT_S: Final = 1.0


def connect(url: str) -> Any:
    """Return a client that connects lazily and tells texts; a cut connection is tried once more.

    Raises:
        ValueError: it is no URL of a Redis server.
    """
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 1),
    )
