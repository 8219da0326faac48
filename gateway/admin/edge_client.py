"""Asks the edge on this host, over its workers' private sockets, for what only they know: live status and metrics."""

from pathlib import Path
from typing import Any, Final

import aiohttp
import anyio
import orjson

from gateway.telemetry.merged import merged

METRICS: Final = "http://edge/internal/metrics"
STATUS: Final = "http://edge/internal/status"
EGRESS_METRICS: Final = "http://egress/internal/metrics"
SECONDS: Final = 2.0


class EdgeClient:
    """Reads the private sockets of the edge's workers and, on one host, of the egress."""

    def __init__(self, edge_socket: str, egress_socket: str) -> None:
        """Take the path of the first worker's socket, beside which the others' are, and that of the egress."""
        self._edge_socket, self._egress_socket = Path(edge_socket), egress_socket
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def status(self) -> dict[str, Any] | None:
        """Return the edge's status; None if no worker answers. It is ready if all workers are that answer."""
        found: list[dict[str, Any]] = [orjson.loads(body) for body in await self._ask(self._workers(), STATUS)]
        if len(found) < 2:  # noqa: PLR2004 -- several
            return found[0] if found else None
        return found[0] | {
            "ready": all(one["ready"] for one in found),
            "draining": any(one["draining"] for one in found),
            "workers": len(found),
        }

    async def metrics(self) -> bytes:
        """Return the metrics of edge and egress; what does not answer is left out."""
        edge: list[bytes] = []
        egress: list[bytes] = []

        async def ask(found: list[bytes], places: list[str], url: str) -> None:
            found.extend(await self._ask(places, url))

        async with anyio.create_task_group() as group:
            group.start_soon(ask, edge, self._workers(), METRICS)
            group.start_soon(ask, egress, [self._egress_socket], EGRESS_METRICS)
        return b"".join([edge[0] if len(edge) == 1 else merged(edge), *egress])

    async def close(self) -> None:
        """Close the connections."""
        for session in self._sessions.values():
            await session.close()

    def _workers(self) -> list[str]:
        """Return the sockets of the workers, the first one's before the others'."""
        place = self._edge_socket
        paths = map(str, place.parent.glob(f"{place.stem}*{place.suffix}"))
        return sorted(paths, key=lambda path: (len(path), path))

    async def _ask(self, places: list[str], url: str) -> list[bytes]:
        """Return the answers, in the order of the sockets. All are called at once: one that hangs delays no other."""
        found = [b""] * len(places)

        async def ask(number: int, place: str) -> None:
            if place not in self._sessions:
                self._sessions[place] = _session(place)
            found[number] = await _get(self._sessions[place], url)

        async with anyio.create_task_group() as group:
            for number, place in enumerate(places):
                group.start_soon(ask, number, place)
        return [body for body in found if body]


def _session(socket: str) -> aiohttp.ClientSession:
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    return aiohttp.ClientSession(connector=aiohttp.UnixConnector(socket), timeout=timeout)


async def _get(session: aiohttp.ClientSession, url: str) -> bytes:
    try:
        async with session.get(url) as answer:
            return await answer.read() if answer.status == 200 else b""  # noqa: PLR2004 -- OK
    except (aiohttp.ClientError, TimeoutError, OSError):
        return b""
