"""A browser runs nothing on the admin plane's origin but what the gateway itself serves."""

import re
from html.parser import HTMLParser
from importlib.resources import files

import httpx
import pytest
from support.admin_plane import GUARDED, OPEN, TOKEN, sources

from gateway.admin.app import build
from gateway.admin.headers import PAGE_POLICY
from gateway.admin.static import TYPES

pytestmark = pytest.mark.anyio

FILES = [f"/pages/{name}" for name in TYPES]


async def get(path: str) -> httpx.Response:
    transport = httpx.ASGITransport(build(sources()))
    async with httpx.AsyncClient(transport=transport, base_url="http://admin") as client:
        return await client.get(path, headers={"authorization": f"Bearer {TOKEN}"})


class Page(HTMLParser):
    """What a page loads, and what it has inline."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.inline: list[str] = []
        self._in = ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self._in = tag
        for name, value in attributes:
            if name in {"src", "href", "action", "data", "srcset"}:
                self.loads.append(value)
            if name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}")

    def handle_endtag(self, tag):
        self._in = ""

    def handle_data(self, data):
        if self._in in {"script", "style"} and data.strip():
            self.inline.append(f"<{self._in}>")


@pytest.mark.parametrize("path", [*OPEN, *GUARDED, *FILES, "/nowhere", "/pages/nowhere.js"])
async def test_every_answer_carries_the_strict_policy_and_is_not_kept(path):
    headers = (await get(path)).headers

    assert headers.get_list("content-security-policy") == [PAGE_POLICY]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_the_policy_allows_the_gateway_s_own_files_and_nothing_else():
    directives = dict(one.split(" ", 1) for one in PAGE_POLICY.split("; "))

    assert directives["default-src"] == "'none'"
    assert {directives[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert {directives[name] for name in ("frame-ancestors", "base-uri", "form-action")} == {"'none'"}
    assert "unsafe" not in PAGE_POLICY


@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_a_page_loads_files_of_the_plane_alone_and_has_nothing_inline(path):
    answer = await get(path)
    page = Page(answer.text)

    assert answer.headers["content-type"].startswith("text/html")
    assert page.inline == []
    scripts = [place for place in page.loads if place.startswith("pages/")]
    assert scripts
    for place in scripts:
        assert (await get("/" + place)).status_code == 200
    assert {place for place in page.loads if not place.startswith("pages/")} <= {"data:,", "docs", "./", "openapi.json"}


@pytest.mark.parametrize("path", ["/", "/docs", *FILES])
async def test_no_file_names_another_host_or_writes_a_style_or_a_handler_into_html(path):
    text = (await get(path)).text

    assert re.findall(r"""(?:https?:)?//[\w-]+\.[\w.-]+|@import|url\(|eval\(|new Function""", text) == []
    assert re.findall(r"""<[a-z]+[^<>]*\s(?:style|on[a-z]+)=""", text) == []


def test_every_file_of_the_folder_is_served_and_no_other():
    assert {entry.name for entry in files("gateway.admin").joinpath("pages").iterdir()} == set(TYPES)


@pytest.mark.parametrize("name", ["../app.py", "%2e%2e%2fapp.py", "app.py", "nowhere.js"])
async def test_nothing_else_is_a_file(name):
    assert (await get(f"/pages/{name}")).status_code == 404


async def test_no_page_holds_the_token():
    for path in ["/", "/docs", *FILES]:
        assert TOKEN not in (await get(path)).text
