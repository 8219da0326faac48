"""One GET on a private socket: a whole 200 or nothing."""

import anyio
import pytest

from gateway.admin.asking import get

pytestmark = pytest.mark.anyio


class Answering:
    """A stream that gives an answer in pieces, and keeps what it was sent."""

    def __init__(self, *pieces: bytes):
        self.pieces, self.sent = pieces, b""

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        return None

    async def send(self, data):
        self.sent += data

    async def __aiter__(self):
        for piece in self.pieces:
            yield piece


def connecting(stream):
    async def connect():
        return stream

    return connect


async def test_the_body_is_put_together():
    stream = Answering(b"HTTP/1.1 200 OK\r\nContent-Len", b"gth: 4\r\n\r\nab", b"cd")

    assert await get(connecting(stream), "/internal/status", 30) == b"abcd"
    assert stream.sent.startswith(b"GET /internal/status HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\nab",
    ],
)
async def test_what_is_no_whole_200_is_nothing(answer):
    assert await get(connecting(Answering(answer)), "/", 30) == b""


@pytest.mark.parametrize("error", [ConnectionRefusedError, anyio.BrokenResourceError])
async def test_what_cannot_be_reached_answers_nothing(error):
    async def connect():
        raise error

    assert await get(connect, "/", 30) == b""
