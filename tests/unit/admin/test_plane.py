"""Probes and metrics are answered as the app would, before it is loaded; the first who asks for more loads it."""

import importlib

import anyio
import httpx
import pytest
from support.admin_plane import STATUS, TOKEN, away, sources

from gateway.admin import plane
from gateway.admin.app import build
from gateway.admin.plane import Plane

pytestmark = pytest.mark.anyio


@pytest.fixture
def loaded(monkeypatch):
    """The modules that the plane loads."""
    seen = []

    def load(name):
        seen.append(name)
        return importlib.import_module(name)

    monkeypatch.setattr(plane, "importlib", type("Importing", (), {"import_module": staticmethod(load)}))
    return seen


async def ask(app, path, method="GET", token=None):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://admin") as client:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return await client.request(method, path, headers=headers)


async def starting():
    return STATUS | {"ready": False}


@pytest.mark.parametrize("backend", [sources(), sources(status=away), sources(status=starting)])
@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
async def test_probes_are_answered_as_the_app_would(path, backend):
    ours, theirs = await ask(Plane(backend), path), await ask(build(backend), path)

    assert (ours.status_code, ours.content) == (theirs.status_code, theirs.content)
    assert sorted(ours.headers.multi_items()) == sorted(theirs.headers.multi_items())


async def test_probes_and_metrics_load_nothing(loaded):
    app = Plane(sources())
    for path in ("/livez", "/readyz", "/metrics"):
        await ask(app, path)

    assert loaded == []


async def test_those_who_ask_first_load_it_once(loaded):
    app, answers = Plane(sources()), []

    async def asked(path):
        answers.append((await ask(app, path, token=TOKEN)).status_code)

    async with anyio.create_task_group() as group:
        for path in ("/admin/v1/status", "/admin/v1/me", "/docs"):
            group.start_soon(asked, path)

    assert answers == [200, 200, 200]
    assert loaded == ["gateway.admin.app"]


async def test_what_is_not_a_probe_s_get_is_the_app_s():
    assert (await ask(Plane(sources()), "/livez", "POST")).status_code == 405
    assert (await ask(Plane(sources()), "/nothing")).status_code == 404
