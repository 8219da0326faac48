"""Asks the edge on this host, over its workers' private sockets, for what only they know: live status and metrics."""

from pathlib import Path
from typing import Any, Final

import aiohttp
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
        self._edge_socket = Path(edge_socket)
        self._workers: dict[str, aiohttp.ClientSession] = {}
        self._egress = _session(egress_socket)

    async def status(self) -> dict[str, Any] | None:
        """Return the edge's status; None if no worker answers. It is ready if all workers are that answer."""
        found: list[dict[str, Any]] = [orjson.loads(body) for body in await self._ask(STATUS)]
        if len(found) < 2:  # noqa: PLR2004 -- several
            return found[0] if found else None
        return found[0] | {
            "ready": all(one["ready"] for one in found),
            "draining": any(one["draining"] for one in found),
            "workers": len(found),
        }

    async def metrics(self) -> bytes:
        """Return the metrics of edge and egress; what does not answer is left out."""
        found = await self._ask(METRICS)
        edge = found[0] if len(found) == 1 else merged(found)
        return edge + await _get(self._egress, EGRESS_METRICS)

    async def close(self) -> None:
        """Close the connections."""
        for session in (*self._workers.values(), self._egress):
            await session.close()

    async def _ask(self, url: str) -> list[bytes]:
        """Return what the workers answer, the first one's before the others'."""
        found = []
        place = self._edge_socket
        paths = map(str, place.parent.glob(f"{place.stem}*{place.suffix}"))
        for path in sorted(paths, key=lambda path: (len(path), path)):
            if path not in self._workers:
                self._workers[path] = _session(path)
            found.append(await _get(self._workers[path], url))
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
