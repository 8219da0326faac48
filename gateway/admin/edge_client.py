"""Asks the edge on this host, over its private socket, for what only it knows: live status and metrics."""

from typing import Any, Final

import aiohttp
import orjson

METRICS: Final = "http://edge/internal/metrics"
STATUS: Final = "http://edge/internal/status"
EGRESS_METRICS: Final = "http://egress/internal/metrics"
SECONDS: Final = 2.0


class EdgeClient:
    """Reads the edge's and, on one host, the egress's private sockets."""

    def __init__(self, edge_socket: str, egress_socket: str) -> None:
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        self._edge = aiohttp.ClientSession(connector=aiohttp.UnixConnector(edge_socket), timeout=timeout)
        self._egress = aiohttp.ClientSession(connector=aiohttp.UnixConnector(egress_socket), timeout=timeout)

    async def status(self) -> dict[str, Any] | None:
        """Return the edge's status; None if it does not answer."""
        body = await _get(self._edge, STATUS)
        return orjson.loads(body) if body else None

    async def metrics(self) -> bytes:
        """Return the metrics of edge and egress; what does not answer is left out."""
        return await _get(self._edge, METRICS) + await _get(self._egress, EGRESS_METRICS)

    async def close(self) -> None:
        """Close the connections."""
        await self._edge.close()
        await self._egress.close()


async def _get(session: aiohttp.ClientSession, url: str) -> bytes:
    try:
        async with session.get(url) as answer:
            return await answer.read() if answer.status == 200 else b""  # noqa: PLR2004 -- OK
    except (aiohttp.ClientError, TimeoutError, OSError):
        return b""
