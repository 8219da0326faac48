"""The pages of the admin plane."""

from functools import cache
from importlib.resources import files
from typing import Final

from fastapi import FastAPI, HTTPException, Response

TYPES: Final = {
    "console.html": "text/html; charset=utf-8",
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "docs.html": "text/html; charset=utf-8",
    "docs.js": "text/javascript; charset=utf-8",
}
"""File → its type. Nothing else of the folder is served."""


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
