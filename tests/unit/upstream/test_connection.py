"""Bytes of an upstream, well-formed or not, as the connection's parser sees them; no socket needed."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ports import UpstreamBroken
from gateway.upstream.connection import HIGH_WATER, MAX_HEADERS, Connection, StreamedAnswer

pytestmark = pytest.mark.anyio


class Transport:
    """Notes what is asked of it."""

    def __init__(self) -> None:
        self.sent = b""
        self.paused = False
        self.aborted = False
        self.closing = False

    def write(self, data: bytes) -> None:
        self.sent += data

    def abort(self) -> None:
        self.aborted = self.closing = True

    def close(self) -> None:
        self.closing = True

    def is_closing(self) -> bool:
        return self.closing

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


class Peer:
    """A connection with a request on it."""

    def __init__(self) -> None:
        self.released: list[Connection] = []
        self.transport: Any = Transport()
        self.connection = Connection(asyncio.get_running_loop(), self.released.append)
        self.connection.connection_made(self.transport)
        self.answer: StreamedAnswer = self.connection.request(b"GET / HTTP/1.1\r\n\r\n")

    def says(self, data: bytes) -> "Peer":
        self.connection.data_received(data)
        return self

    async def body(self) -> bytes:
        await self.answer.wait_head()
        return b"".join([piece async for piece in self.answer.chunks()])


WHOLE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\ncontent-length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"


async def test_an_answer_with_a_length_ends_there_and_its_connection_is_kept():
    peer = Peer().says(WHOLE)
    assert await peer.body() == b"hello"
    assert peer.answer.head.status == 200
    assert peer.answer.head.headers["content-type"] == "text/plain"
    assert peer.released == [peer.connection]


@given(st.sampled_from([WHOLE, CHUNKED]), st.sets(st.integers(1, len(CHUNKED) - 1)))
def test_an_answer_reads_the_same_however_it_is_cut(whole, cuts):
    async def check() -> None:
        peer = Peer()
        places = [0, *sorted(cut for cut in cuts if cut < len(whole)), len(whole)]
        for start, end in pairwise(places):
            peer.says(whole[start:end])
        assert await peer.body() == b"hello"
        assert peer.released

    asyncio.run(check())


async def test_a_body_without_a_length_ends_with_the_connection():
    peer = Peer().says(b"HTTP/1.1 200 OK\r\n\r\nhel").says(b"lo")
    peer.connection.eof_received()
    peer.connection.connection_lost(None)
    assert await peer.body() == b"hello"
    assert not peer.released


@pytest.mark.parametrize(
    "cut",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nh",
    ],
)
async def test_a_body_that_ends_before_its_length_is_broken_not_whole(cut):
    peer = Peer().says(cut)
    peer.connection.eof_received()
    peer.connection.connection_lost(None)
    with pytest.raises(UpstreamBroken) as caught:
        await peer.body()
    assert caught.value.sent


async def test_what_came_before_a_break_is_read_first():
    peer = Peer().says(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello")
    peer.connection.connection_lost(ConnectionResetError())
    pieces = peer.answer.chunks()
    assert await anext(pieces) == b"hello"
    with pytest.raises(UpstreamBroken):
        await anext(pieces)


async def test_a_connection_that_closes_before_it_answers_is_broken():
    peer = Peer()
    peer.connection.connection_lost(None)
    with pytest.raises(UpstreamBroken):
        await peer.answer.wait_head()


@pytest.mark.parametrize(
    "garbage",
    [b"\x16\x03\x01\x02\x00", b"SSH-2.0-OpenSSH\r\n", b"<html>", b"HTTP/9.9 200 OK\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"],
)
async def test_garbage_is_broken_and_closes(garbage):
    peer = Peer().says(garbage)
    with pytest.raises(UpstreamBroken):
        await peer.answer.wait_head()
    assert peer.transport.aborted


async def test_interim_answers_are_passed_over_with_their_headers():
    peer = Peer().says(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
    assert not peer.answer.head_seen
    peer.says(WHOLE)
    assert await peer.body() == b"hello"
    assert "link" not in peer.answer.head.headers
    assert peer.released


async def test_an_upgrade_that_nobody_asked_for_is_broken():
    peer = Peer().says(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n")
    with pytest.raises(UpstreamBroken):
        await peer.answer.wait_head()


async def test_a_head_of_too_many_headers_is_refused():
    many = b"".join(b"x-%d: %s\r\n" % (number, b"y" * 1000) for number in range(MAX_HEADERS // 1000 + 2))
    peer = Peer().says(b"HTTP/1.1 200 OK\r\n" + many)
    with pytest.raises(UpstreamBroken):
        await peer.answer.wait_head()
    assert peer.transport.aborted


async def test_one_header_without_an_end_is_refused_before_memory_runs_out():
    peer = Peer().says(b"HTTP/1.1 200 OK\r\nx: ")
    for _ in range(MAX_HEADERS // 1000 + 2):
        if not peer.transport.aborted:
            peer.says(b"y" * 1000)
    assert peer.transport.aborted
    with pytest.raises(UpstreamBroken):
        await peer.answer.wait_head()


async def test_a_reader_that_does_not_read_stops_the_sender_until_it_does():
    peer = Peer().says(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (3 * HIGH_WATER))
    peer.says(b"x" * HIGH_WATER)
    assert not peer.transport.paused
    peer.says(b"x")
    assert peer.transport.paused
    assert len(await anext(peer.answer.chunks())) == HIGH_WATER + 1
    assert not peer.transport.paused


async def test_the_next_request_is_read_even_if_the_last_reader_left_the_connection_paused():
    peer = Peer().says(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (HIGH_WATER + 1))
    peer.says(b"x" * (HIGH_WATER + 1))
    assert peer.transport.paused
    assert peer.released
    peer.connection.request(b"GET / HTTP/1.1\r\n\r\n")
    assert not peer.transport.paused


async def test_a_connection_that_the_server_will_close_is_not_kept():
    peer = Peer().says(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello")
    assert await peer.body() == b"hello"
    assert not peer.released
    assert peer.connection.closed


async def test_bytes_on_an_idle_connection_close_it():
    peer = Peer().says(WHOLE).says(b"HTTP/1.1 200 OK\r\n")
    assert peer.transport.aborted
    assert peer.connection.closed


async def test_a_second_answer_to_one_request_makes_the_connection_unfit():
    peer = Peer().says(WHOLE + b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil")
    assert await peer.body() == b"hello"
    assert peer.connection.closed


async def test_trailers_do_not_pass_for_headers_of_the_next_answer():
    peer = Peer().says(CHUNKED.replace(b"0\r\n\r\n", b"0\r\nx-egress-outcome: vendor\r\n\r\n"))
    assert await peer.body() == b"hello"
    again = peer.connection.request(b"GET / HTTP/1.1\r\n\r\n")
    peer.says(WHOLE)
    assert "x-egress-outcome" not in again.head.headers


async def test_an_abort_closes_at_once():
    peer = Peer()
    peer.connection.abort()
    assert peer.transport.aborted
    Connection(asyncio.get_running_loop(), lambda _: None).abort()


HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


def framed(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def test_what_a_taker_takes_the_reader_does_not_get_and_is_not_woken_for():
    peer, taken = Peer().says(HEAD), []
    peer.answer.taker = lambda piece: not taken.append(piece)
    reading = asyncio.ensure_future(peer.body())
    await asyncio.sleep(0)
    peer.says(framed(b"one")).says(framed(b"two"))
    waiter = peer.answer._waiter
    assert waiter is not None
    assert not waiter.done()
    peer.says(b"0\r\n\r\n")
    assert await reading == b""
    assert taken == [b"one", b"two"]


async def test_behind_a_piece_that_a_taker_left_everything_waits_for_the_reader():
    peer, offered = Peer().says(HEAD), []

    def take(piece: bytes) -> bool:
        offered.append(piece)
        return piece != b"two"

    peer.answer.taker = take
    for piece in (b"one", b"two", b"three"):
        peer.says(framed(piece))
    pieces = peer.answer.chunks()
    assert await anext(pieces) == b"twothree"
    assert offered == [b"one", b"two"]
    peer.says(framed(b"four")).says(framed(b"two")).says(b"0\r\n\r\n")
    assert [piece async for piece in pieces] == [b"two"]
    assert offered == [b"one", b"two", b"four", b"two"]


async def test_a_reader_hears_of_a_break_although_a_taker_takes_all():
    peer = Peer().says(HEAD)
    peer.answer.taker = lambda _piece: True
    reading = asyncio.ensure_future(peer.body())
    await asyncio.sleep(0)
    peer.says(framed(b"one")).connection.connection_lost(None)
    with pytest.raises(UpstreamBroken):
        await reading
