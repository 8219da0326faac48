"""Ready means: every worker says so, and the admin plane answers."""

import anyio
import pytest
from anyio.abc import SocketAttribute

from gateway.bootstrap import readiness
from gateway.bootstrap.readiness import LIVE, answers, edge_ready

pytestmark = pytest.mark.anyio

NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n{}"


def ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


class Server:
    """Gives one answer after the other, the last one again and again."""

    def __init__(self, listener, *answers: bytes) -> None:
        self.listener, self.answers, self.asked = listener, list(answers), 0

    async def run(self) -> None:
        async def answer(stream) -> None:
            async with stream:
                await stream.receive()
                self.asked += 1
                await stream.send(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])

        await self.listener.serve(answer)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.listener.listeners[0].extra(SocketAttribute.local_port)}"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(readiness, "PERIOD_S", 0)


async def test_it_is_ready_once_the_last_worker_is_and_the_admin_plane_answers(tmp_path):
    paths = [tmp_path / "edge.sock", tmp_path / "edge-1.sock"]
    first = Server(await anyio.create_unix_listener(paths[0]), ok(b'{"ready":true}'))
    slow = Server(
        await anyio.create_unix_listener(paths[1]), NOT_FOUND, ok(b"{"), ok(b'{"ready":false}'), ok(b'{"ready":true}')
    )
    admin = Server(await anyio.create_tcp_listener(local_host="127.0.0.1"), NOT_FOUND, ok(b'{"status":"alive"}'))
    with anyio.fail_after(30):
        async with anyio.create_task_group() as group:
            for server in (first, slow, admin):
                group.start_soon(server.run)
            await edge_ready(paths, admin.place)
            group.cancel_scope.cancel()

    assert (first.asked, slow.asked, admin.asked) == (1, 4, 2)


async def test_what_does_not_listen_yet_is_asked_again(monkeypatch):
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    server = Server(listener, ok(b"{}"))
    connect, refused = anyio.connect_tcp, []

    async def at_first_refused(host, port):
        if len(refused) < 2:
            refused.append(port)
            raise ConnectionRefusedError
        return await connect(host, port)

    monkeypatch.setattr(readiness.anyio, "connect_tcp", at_first_refused)
    with anyio.fail_after(30):
        async with anyio.create_task_group() as group:
            group.start_soon(server.run)
            await answers(server.place, LIVE)
            group.cancel_scope.cancel()

    assert (len(refused), server.asked) == (2, 1)


async def test_what_hangs_does_not_hang_the_one_who_waits(monkeypatch):
    monkeypatch.setattr(readiness, "ANSWER_S", 0.01)
    never = anyio.Event()

    async def hang():
        await never.wait()

    assert await readiness.get(hang, "/livez", readiness.ANSWER_S) == b""
