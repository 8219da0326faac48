"""A client that stops reading is cut off, one that reads is not; a call learns at once that its client hung up."""

import socket

import anyio
import anyio.from_thread
import pytest

from gateway.asgi import CONNECTION, read_body, until_hang_up
from gateway.bootstrap.serving import Listening
from gateway.bootstrap.sockets import bind_tcp

pytestmark = pytest.mark.anyio
PIECE = b"x" * 65536


class App:
    """Sends many pieces and notes how it ended."""

    def __init__(self, pieces: int) -> None:
        self.pieces = pieces
        self.sent = 0
        self.ended = anyio.Event()

    async def __call__(self, scope, receive, send) -> None:
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(self.pieces):
                await send({"type": "http.response.body", "body": PIECE, "more_body": True})
                self.sent += 1
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self.ended.set()


def client(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.connect(("127.0.0.1", port))
    made.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    return made


async def served(app: App, write: float, read) -> None:
    listener = bind_tcp("127.0.0.1", 0)
    listening = Listening(app, listener, 1, write)
    async with anyio.create_task_group() as group:
        group.start_soon(listening.serve)
        with anyio.fail_after(20):
            await anyio.to_thread.run_sync(read, listener.getsockname()[1])
            await app.ended.wait()
        await listening.drain()
        group.cancel_scope.cancel()


async def test_a_client_that_reads_nothing_is_cut_off():
    app, kept = App(1000), []
    await served(app, 0.2, lambda port: kept.append(client(port)))
    assert app.ended.is_set()
    # Its buffer was thrown away: what it reads now ends long before the answer did.
    rest = 0
    try:
        while data := kept[0].recv(65536):
            rest += len(data)
    except ConnectionError:
        pass
    assert rest < 1000 * len(PIECE)


async def test_a_client_that_reads_gets_all_of_it():
    app, got = App(40), []

    def read(port: int) -> None:
        with client(port) as made:
            made.settimeout(10)
            while not b"".join(got[-2:]).endswith(b"0\r\n\r\n"):
                got.append(made.recv(16384))

    await served(app, 5.0, read)
    assert sum(map(len, got)) > 40 * len(PIECE)


class Waiting:
    """Waits for ever for its client to hang up."""

    def __init__(self) -> None:
        self.whole = False
        self.begun = anyio.Event()
        self.ended = anyio.Event()

    async def __call__(self, scope, receive, send) -> None:
        del receive, send
        self.whole = scope[CONNECTION].has_whole(scope)
        self.begun.set()
        await until_hang_up(scope, anyio.sleep_forever)
        self.ended.set()


async def test_a_call_is_cancelled_when_its_client_hangs_up():
    app, kept = Waiting(), []

    def leave(port: int) -> None:
        made = socket.create_connection(("127.0.0.1", port))
        made.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        kept.append(made)
        anyio.from_thread.run(app.begun.wait)
        made.close()

    await served(app, 5.0, leave)
    assert app.whole


@pytest.mark.parametrize("size", [60_000, 100_000, 300_000, 1_000_000])
@pytest.mark.parametrize("apart", [True, False])
async def test_a_hang_up_is_noticed_however_large_the_body_was(size, apart):
    """A server that has stopped reading a body must read on once it has all of it, or it never learns of the end."""
    app, kept = Reading(), []

    def leave(port: int) -> None:
        made = socket.create_connection(("127.0.0.1", port))
        head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % size
        if apart:
            made.sendall(head)
            anyio.from_thread.run(app.waits.wait)
            made.sendall(b"x" * size)
        else:
            made.sendall(head + b"x" * size)
        kept.append(made)
        anyio.from_thread.run(app.begun.wait)
        made.close()

    await served(app, 5.0, leave)
    assert app.read == size


class Reading:
    """Reads a body, then waits for ever for its client to hang up."""

    def __init__(self) -> None:
        self.read = 0
        self.waits = anyio.Event()
        self.begun = anyio.Event()
        self.ended = anyio.Event()

    async def __call__(self, scope, receive, send) -> None:
        del send
        self.waits.set()
        self.read = len(await read_body(scope, receive, 1 << 25))
        self.begun.set()
        await until_hang_up(scope, anyio.sleep_forever)
        self.ended.set()


class Lingering:
    """Answers, and has something left to do when the next request comes; the second one waits for ever."""

    def __init__(self) -> None:
        self.requests = 0
        self.first_is_over = anyio.Event()
        self.second_begun = anyio.Event()
        self.ended = anyio.Event()

    async def __call__(self, scope, receive, send) -> None:
        del receive
        self.requests += 1
        if self.requests == 1:
            await until_hang_up(scope, lambda: self.first(send))
            self.first_is_over.set()
            return
        self.second_begun.set()
        await until_hang_up(scope, anyio.sleep_forever)
        self.ended.set()

    async def first(self, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        await self.second_begun.wait()


async def test_a_call_that_ends_late_does_not_take_the_hang_up_of_the_next_one():
    app, kept = Lingering(), []

    def leave(port: int) -> None:
        made = socket.create_connection(("127.0.0.1", port))
        made.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        made.recv(1000)
        made.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        kept.append(made)
        anyio.from_thread.run(app.first_is_over.wait)
        made.close()

    await served(app, 5.0, leave)
    assert app.requests == 2


class Passing:
    """Sends a stream, each piece by ASGI or past it."""

    def __init__(self, *, past: bool, pieces: int = 400) -> None:
        self.past, self.pieces = past, pieces
        self.refused = 0
        self.ended = anyio.Event()

    async def __call__(self, scope, receive, send) -> None:
        del receive
        line = scope[CONNECTION]
        await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]})
        for number in range(1, self.pieces):
            piece = b"%d" % number * number
            if self.past and line.room:
                line.pass_on(piece)
            else:
                self.refused += 1
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        self.ended.set()


async def test_what_passes_by_asgi_is_framed_as_uvicorn_frames_it_and_only_while_its_answer_runs():
    got = []
    for past in (False, True):
        app, pieces = Passing(past=past), []

        def read(port: int, pieces: list[bytes] = pieces) -> None:
            with client(port) as made:
                made.settimeout(10)
                while not b"".join(pieces[-2:]).endswith(b"0\r\n\r\n"):
                    pieces.append(made.recv(65536))

        await served(app, 5.0, read)
        got.append(b"".join(pieces).partition(b"\r\n\r\n")[2])
    assert got[0] == got[1]


async def test_a_client_that_reads_nothing_is_not_written_to_without_end():
    app, kept = Passing(past=True, pieces=3000), []

    def read(port: int) -> None:
        made = client(port)
        kept.append(made)
        anyio.from_thread.run(anyio.sleep, 0.3)
        while not (data := made.recv(65536)).endswith(b"0\r\n\r\n"):
            assert data

    await served(app, 5.0, read)
    assert app.refused > 0


class Whole:
    """Answers one request after the other, past ASGI or by it."""

    def __init__(self, *, past: bool, value: bytes = b"b") -> None:
        self.past, self.value = past, value
        self.taken: list[bool] = []
        self.left = 3
        self.ended = anyio.Event()

    async def __call__(self, scope, receive, send) -> None:
        body = await read_body(scope, receive, 1000)
        headers = [(b"a", self.value), (b"content-length", b"%d" % len(body))]
        self.taken.append(self.past and scope[CONNECTION].answer(scope, 200, headers, body))
        if self.taken[-1]:
            assert not scope[CONNECTION].answer(scope, 200, headers, body)
        else:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body, "more_body": False})
        self.left -= 1
        if not self.left:
            self.ended.set()


def requests(port: int, *, closing: bool = False) -> bytes:
    """Send three requests, two of them at once, and return all answers without their dates."""
    with socket.create_connection(("127.0.0.1", port), 10) as made:
        last = b"connection: close\r\n" if closing else b""
        one = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nbody"
        made.sendall(one + one)
        got = b""
        while got.count(b"body") < 2:
            got += made.recv(65536)
        made.sendall(one.replace(b"host", last + b"host"))
        while got.count(b"body") < 3:
            got += made.recv(65536)
        if closing:
            assert made.recv(100) == b""
    return b"\r\n".join(line for line in got.split(b"\r\n") if not line.startswith(b"date"))


@pytest.mark.parametrize("closing", [True, False])
async def test_a_whole_answer_past_asgi_is_the_one_that_uvicorn_sends_also_to_pipelined_requests(closing):
    got = []
    for past in (False, True):
        app = Whole(past=past)
        await served(app, 5.0, lambda port: got.append(requests(port, closing=closing)))
        assert app.taken == [past, past, past and not closing]
    assert got[0] == got[1]


async def test_a_value_that_would_make_a_header_of_its_own_is_left_to_uvicorn_to_refuse():
    taken = []

    class Injecting(Whole):
        async def __call__(self, scope, receive, send) -> None:
            await read_body(scope, receive, 1000)
            values = (b"b\r\nc: d", b"b\nc: d", b"b\0", b"b\r")
            taken.extend([scope[CONNECTION].answer(scope, 200, [(b"a", value)], b"") for value in values])
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            self.ended.set()

    def read(port: int) -> None:
        with client(port) as made:
            made.recv(1000)

    await served(Injecting(past=True), 5.0, read)
    assert taken == [False] * 4
