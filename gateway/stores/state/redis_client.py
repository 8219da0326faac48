"""One way to connect to Redis: a command during a request must fail soon, and is tried twice at most."""

from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException, RedisError

TIMEOUT_S: Final = 1.0
AWAY: Final = (RedisError, RedisClusterException, OSError)
"""All that a client raises where Redis is not available."""
_CLUSTER: Final = "cluster"


def connect(url: str) -> Any:
    """Return a client that connects lazily and decodes text; a cut connection is retried once.

    With ``?cluster=true`` it is a node of a Redis Cluster: the others are learned from it, moved slots are followed.

    Raises:
        ValueError: it is not the URL of a Redis server.
    """
    plain, cluster = _parted(url)
    options: dict[str, Any] = {
        "decode_responses": True,
        "socket_timeout": TIMEOUT_S,
        "socket_connect_timeout": TIMEOUT_S,
        "retry": Retry(NoBackoff(), 1),
    }
    return (RedisCluster if cluster else Redis).from_url(plain, **options)


def _parted(url: str) -> tuple[str, bool]:
    """Return a URL without our own word in its query, and whether that was there."""
    parts = urlsplit(url)
    words = dict(parse_qsl(parts.query))
    cluster = words.pop(_CLUSTER, "") == "true"
    return (urlunsplit(parts._replace(query=urlencode(words))), True) if cluster else (url, False)
