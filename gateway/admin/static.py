"""The pages of the admin plane, and the headers under which a browser runs nothing but them.

The origin holds the admin token, so nothing is loaded from elsewhere, no script or style is inline, and nobody may
frame it.
"""

from collections.abc import MutableMapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from fastapi import FastAPI, HTTPException, Response

from gateway.asgi import App, Receive, Scope, Send

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
HEADERS: Final = (
    (b"content-security-policy", PAGE_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)
TYPES: Final = {
    "console.html": "text/html; charset=utf-8",
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "docs.html": "text/html; charset=utf-8",
    "docs.js": "text/javascript; charset=utf-8",
}
"""File → its type. Nothing else of the folder is served."""


class SafeHeaders:
    """Adds the headers to every answer of an app."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        await self._app(scope, receive, with_headers)


def add_pages(app: FastAPI) -> None:
    """Serve the console at ``/``, the API's page at ``/docs``, and what they are made of under ``/pages/``."""

    @app.get("/", include_in_schema=False)
    async def console() -> Response:
        """Return the console: a page without data that asks for the admin token."""
        return _file("console.html")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        """Return the page that shows the API's schema."""
        return _file("docs.html")

    @app.get("/pages/{name}", include_in_schema=False)
    async def page(name: str) -> Response:
        """Return a style or a script."""
        return _file(name)


def _file(name: str) -> Response:
    if name not in TYPES:
        raise HTTPException(404, "there is no such file")
    return Response(_read(name), headers={"content-type": TYPES[name]})


@cache
def _read(name: str) -> bytes:
    return files("gateway.admin").joinpath("pages", name).read_bytes()
