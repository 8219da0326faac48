"""Asking the edge over its private socket: what does not answer is left out and breaks nothing."""

from contextlib import asynccontextmanager

import anyio
import pytest
from aiohttp import web

from gateway.admin import edge_client
from gateway.admin.edge_client import EdgeClient

pytestmark = pytest.mark.anyio


def answers(**bodies: bytes):
    """An app of GET /internal/NAME."""
    app = web.Application()
    for name, body in bodies.items():

        async def handler(request, body=body):
            return web.Response(body=body)

        app.router.add_get(f"/internal/{name}", handler)
    return app


@asynccontextmanager
async def served(app, path):
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, str(path)).start()
    try:
        yield
    finally:
        await runner.cleanup()


@pytest.fixture
def client(tmp_path):
    return EdgeClient(str(tmp_path / "edge"), str(tmp_path / "egress"))


async def test_the_status_is_what_the_edge_says(client, tmp_path):
    async with served(answers(status=b'{"ready":true}'), tmp_path / "edge"):
        assert await client.status() == {"ready": True}


async def test_workers_are_one_edge_that_is_ready_if_all_of_them_are(client, tmp_path):
    bodies = [b'{"ready":true,"draining":false,"n":1}', b'{"ready":false,"draining":false,"n":2}']
    async with (
        served(answers(status=bodies[0], metrics=b"# TYPE a counter\na 1.0\n"), tmp_path / "edge"),
        served(answers(status=bodies[1], metrics=b"# TYPE a counter\na 2.0\n"), tmp_path / "edge-1"),
    ):
        assert await client.status() == {"ready": False, "draining": False, "n": 1, "workers": 2}
        assert await client.metrics() == b"# TYPE a counter\na 3.0\n"


async def test_metrics_of_both_processes_are_put_together(client, tmp_path):
    async with (
        served(answers(metrics=b"edge 1\n"), tmp_path / "edge"),
        served(answers(metrics=b"egress 1\n"), tmp_path / "egress"),
    ):
        assert await client.metrics() == b"edge 1\negress 1\n"


async def test_without_an_egress_the_edge_s_metrics_remain(client, tmp_path):
    async with served(answers(metrics=b"edge 1\n"), tmp_path / "edge"):
        assert await client.metrics() == b"edge 1\n"


async def test_without_any_socket_there_is_no_status_and_no_metrics(client):
    assert await client.status() is None
    assert await client.metrics() == b""


async def test_an_edge_that_fails_counts_as_away(client, tmp_path):
    async with served(answers(), tmp_path / "edge"):
        assert await client.status() is None


async def test_an_edge_that_hangs_counts_as_away(tmp_path, monkeypatch):
    monkeypatch.setattr(edge_client, "SECONDS", 0.01)
    app = web.Application()

    async def slow(request):
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"{")
        await gone.wait()
        return response

    gone = anyio.Event()
    app.router.add_get("/internal/status", slow)
    client = EdgeClient(str(tmp_path / "edge"), str(tmp_path / "egress"))
    async with served(app, tmp_path / "edge"):
        assert await client.status() is None
        gone.set()


async def test_workers_are_asked_at_the_same_time(client, tmp_path):
    """Each of three workers answers once all three were asked: one after the other, none ever would."""
    asked, all_asked = [], anyio.Event()

    async def together(request):
        asked.append(request)
        if len(asked) == 3:
            all_asked.set()
        with anyio.fail_after(30):
            await all_asked.wait()
        return web.Response(body=b'{"ready":true,"draining":false}')

    apps = [web.Application() for _ in range(3)]
    for app in apps:
        app.router.add_get("/internal/status", together)
    async with (
        served(apps[0], tmp_path / "edge"),
        served(apps[1], tmp_path / "edge-1"),
        served(apps[2], tmp_path / "edge-2"),
    ):
        status = await client.status()

    assert (status or {}).get("workers") == 3


async def test_it_finds_an_edge_that_came_back(client, tmp_path):
    for number in range(2):
        async with served(answers(status=b'{"number":%d}' % number), tmp_path / "edge"):
            assert await client.status() == {"number": number}
        assert await client.status() is None
