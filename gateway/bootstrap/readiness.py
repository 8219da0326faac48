"""Waits until the processes that the supervisor started serve, as their own probes say."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import anyio
import orjson

from gateway.admin.asking import Connect, get

PERIOD_S: Final = 0.1
ANSWER_S: Final = 2.0
STATUS: Final = "/internal/status"
LIVE: Final = "/livez"
READY: Final = "/readyz"


async def edge_ready(sockets: Sequence[Path], admin: str) -> None:
    """Return once every worker of the edge is ready, and the admin plane answers."""
    for path in sockets:
        await _until(lambda path=path: anyio.connect_unix(path), STATUS, _says_ready)  # type: ignore[misc]
    await answers(admin, LIVE)


async def answers(place: str, path: str) -> None:
    """Return once what listens at ``host:port`` answers 200."""
    host, _, port = place.rpartition(":")
    await _until(lambda: anyio.connect_tcp(host.strip("[]"), int(port)), path, bool)


async def _until(connect: Connect, path: str, enough: Callable[[bytes], bool]) -> None:
    while True:
        if enough(await get(connect, path, ANSWER_S)):
            return
        await anyio.sleep(PERIOD_S)


def _says_ready(body: bytes) -> bool:
    try:
        return bool(orjson.loads(body)["ready"])
    except (ValueError, LookupError, TypeError):
        return False
