"""Where an edge's state and the labels of its conversations are, in process or in Redis."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import anyio

from gateway.ports import Breakers, Clock, SessionLabels, SessionsUnavailable, StateStore
from gateway.settings import MEMORY
from gateway.stores.sessions.forgetting import asked
from gateway.stores.sessions.memory import MemorySessions
from gateway.stores.state.breakers_memory import MemoryBreakers
from gateway.stores.state.memory import MemoryState

FORGET_S: Final = 2.0
TIDY_ROUNDS: Final = 30
"""Once a minute."""


@dataclass(frozen=True, slots=True)
class StateStores:
    """What all workers of a gateway share, and how to let go of it."""

    state: StateStore
    sessions: SessionLabels
    breakers: Breakers
    close: Callable[[], Awaitable[None]]


def open_stores(url: str, clock: Clock, journal: Path, instance: str) -> StateStores:
    """Open what ``state.url`` names; ``instance`` is this worker's own name.

    Raises:
        OSError: the journal of session labels can be neither read nor written.
        ValueError: it is not the URL of a Redis server.
    """
    if url == MEMORY:
        sessions = MemorySessions(clock, journal)

        async def end() -> None:
            sessions.close()

        return StateStores(MemoryState(clock), sessions, MemoryBreakers(clock, instance), end)
    from gateway.stores.sessions.redis import RedisSessions  # noqa: PLC0415 -- its client takes 0.3 s to load
    from gateway.stores.state.breakers_redis import RedisBreakers  # noqa: PLC0415 -- as below
    from gateway.stores.state.redis import RedisState  # noqa: PLC0415

    state, labels, breakers = RedisState(url), RedisSessions(url), RedisBreakers(url, instance)

    async def close() -> None:
        await state.close()
        await labels.close()
        await breakers.close()

    return StateStores(state, labels, breakers, close)


async def keep_labels(labels: SessionLabels, forgetting: Path) -> None:
    """Let labels of conversations be forgotten where somebody asks for it, and be tidied, until cancelled.

    ``forgetting``: the folder in which it is asked.
    """
    rounds = 0
    while True:
        await anyio.sleep(FORGET_S)
        await forget(labels, forgetting)
        rounds += 1
        if rounds % TIDY_ROUNDS == 0:
            await labels.tidy()


async def forget(labels: SessionLabels, forgetting: Path) -> None:
    """Forget what is asked for; what cannot be forgotten now is tried again."""
    try:
        for path, wanted in list(asked(forgetting)):
            for one in wanted:
                await labels.forget(one)
            path.unlink(missing_ok=True)
    except (SessionsUnavailable, OSError):
        return
