"""Asks the edge on this host, over its workers' private sockets, for what only they know: live status and metrics."""

from pathlib import Path
from typing import Any, Final

import anyio
import orjson

from gateway.admin.asking import get
from gateway.telemetry.merged import merged

METRICS: Final = "/internal/metrics"
STATUS: Final = "/internal/status"
SECONDS: Final = 2.0


class EdgeClient:
    """Reads the private sockets of the edge's workers and, on one host, of the egress."""

    def __init__(self, edge_socket: str, egress_socket: str) -> None:
        """Take the path of the first worker's socket, beside which the others' are, and that of the egress."""
        self._edge_socket, self._egress_socket = Path(edge_socket), egress_socket

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

        async def ask(found: list[bytes], places: list[str]) -> None:
            found.extend(await self._ask(places, METRICS))

        async with anyio.create_task_group() as group:
            group.start_soon(ask, edge, self._workers())
            group.start_soon(ask, egress, [self._egress_socket])
        return b"".join([edge[0] if len(edge) == 1 else merged(edge), *egress])

    def _workers(self) -> list[str]:
        """Return the sockets of the workers, the first one's before the others'."""
        place = self._edge_socket
        paths = map(str, place.parent.glob(f"{place.stem}*{place.suffix}"))
        return sorted(paths, key=lambda path: (len(path), path))

    async def _ask(self, places: list[str], path: str) -> list[bytes]:
        """Return the answers, in the order of the sockets. All are called at once: one that hangs delays no other."""
        found = [b""] * len(places)

        async def ask(number: int, place: str) -> None:
            found[number] = await get(lambda: anyio.connect_unix(place), path, SECONDS)

        async with anyio.create_task_group() as group:
            for number, place in enumerate(places):
                group.start_soon(ask, number, place)
        return [body for body in found if body]
