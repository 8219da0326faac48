"""The admin plane from outside: probes and metrics are answered here; the rest is loaded by the first who asks for it.

FastAPI takes a quarter of a second and eight megabytes, and most gateways are only probed and scraped.
"""

import importlib
from collections.abc import Awaitable, Callable
from typing import Final

import anyio
import orjson

from gateway.admin.headers import SafeHeaders
from gateway.admin.probes import ALIVE, METRICS_TYPE, readiness
from gateway.admin.sources import Sources
from gateway.asgi import App, AsgiResponder, Receive, Scope, Send

_APP: Final = "gateway.admin.app"

Answer = Callable[[], Awaitable[tuple[int, bytes, str]]]


class Plane:
    """The ASGI app of the admin plane."""

    def __init__(self, sources: Sources) -> None:
        """Take where the answers come from."""
        self._sources = sources
        self._loading = anyio.Lock()
        self._app: App | None = None
        self._probes: dict[str, Answer] = {"/livez": self._live, "/readyz": self._ready, "/metrics": self._metrics}
        self._probing = SafeHeaders(self._probe)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        probe = scope["type"] == "http" and scope["method"] == "GET" and scope["path"] in self._probes
        app = self._probing if probe else await self._loaded()
        await app(scope, receive, send)

    async def _probe(self, scope: Scope, _: Receive, send: Send) -> None:
        status, body, content_type = await self._probes[scope["path"]]()
        await AsgiResponder(send).answer(status, body, content_type)

    async def _live(self) -> tuple[int, bytes, str]:
        return 200, orjson.dumps(ALIVE), "application/json"

    async def _ready(self) -> tuple[int, bytes, str]:
        status, said = readiness(await self._sources.status())
        return status, orjson.dumps(said), "application/json"

    async def _metrics(self) -> tuple[int, bytes, str]:
        return 200, await self._sources.metrics(), METRICS_TYPE

    async def _loaded(self) -> App:
        async with self._loading:
            if self._app is None:
                self._app = await anyio.to_thread.run_sync(self._load)
        return self._app

    def _load(self) -> App:
        app: App = importlib.import_module(_APP).build(self._sources)
        return app
