"""Open breakers of all workers in Redis: what one worker learned at its cost, the others need not."""

from collections.abc import Sequence
from importlib import resources
from typing import Final

from gateway.domain.admission import StateUnavailable
from gateway.failover.breaker import Paused
from gateway.stores.state.redis import PREFIX
from gateway.stores.state.redis_client import AWAY, connect

_KEY: Final = PREFIX + "breakers"


class RedisBreakers:
    """Shares open breakers between the workers of one Redis; times are spans, so no clock has to agree."""

    def __init__(self, url: str, worker: str) -> None:
        """Connect lazily; ``worker`` names this process among all.

        Raises:
            ValueError: it is not the URL of a Redis server.
        """
        self._redis = connect(url)
        text = resources.files("gateway.stores.state.lua").joinpath("breakers.lua").read_text(encoding="utf-8")
        self._script = self._redis.register_script(text)
        self._worker = worker

    async def share(self, own: Sequence[Paused]) -> tuple[Paused, ...]:
        """Say what this worker pauses, all of it, and return what the others do.

        Raises:
            StateUnavailable: Redis is not available.
        """
        arguments: list[str | int] = [self._worker]
        for one in own:
            arguments += [one.target, one.endpoint, int(one.seconds * 1000), int(one.saturated)]
        try:
            result = await self._script(keys=[_KEY], args=arguments)
        except AWAY as error:
            raise StateUnavailable from error
        return tuple(
            Paused(target, endpoint, int(left) / 1000, saturated=bool(int(saturated)))
            for target, endpoint, left, saturated in zip(
                result[::4], result[1::4], result[2::4], result[3::4], strict=True
            )
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._redis.aclose()
