"""Keep-alive pools against real loopback sockets."""

import asyncio
import socket
import ssl
from contextlib import nullcontext

import anyio
import pytest
from support.loopback import Wire, always, response, serving, until

from gateway.ports import UpstreamBroken
from gateway.upstream import connection as connections
from gateway.upstream import pool as pools
from gateway.upstream.pool import Pool, Server, tcp_dialer, unix_dialer

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


async def numeric(host: str, _port: int) -> list[str]:
    return [host]


def pool_to(wire: Wire) -> Pool:
    return Pool(tcp_dialer(Server.parse(wire.url), numeric))


async def fetch(pool: Pool, data: bytes = GET) -> bytes:
    async with pool.send(data, 5) as answer:
        return b"".join([piece async for piece in answer.chunks()])


class TestServer:
    """Endpoints are parsed once."""

    @pytest.mark.parametrize(
        ("url", "server", "authority"),
        [
            ("http://a:1", Server("http", "a", 1, ""), "a:1"),
            ("https://a", Server("https", "a", 443, ""), "a:443"),
            ("http://a/v1/", Server("http", "a", 80, "/v1"), "a:80"),
            ("http://[::1]:30000", Server("http", "::1", 30000, ""), "[::1]:30000"),
        ],
    )
    def test_a_url_gives_its_parts(self, url, server, authority):
        assert Server.parse(url) == server
        assert server.authority == authority

    @pytest.mark.parametrize("url", ["", "ftp://a", "a:1", "http://", "unix:/run/x"])
    def test_anything_else_is_refused(self, url):
        with pytest.raises(ValueError, match="an endpoint is"):
            Server.parse(url)


async def test_calls_one_after_another_share_a_connection():
    async with serving(always(response(b"hello"))) as wire:
        pool = pool_to(wire)
        assert [await fetch(pool) for _ in range(5)] == [b"hello"] * 5
        assert wire.connections == 1
        pool.close()


async def test_calls_at_once_have_a_connection_each():
    arrived = 0

    async def script(wire, reader, writer, _):
        nonlocal arrived
        await wire.request(reader)
        arrived += 1
        await until(lambda: arrived == 3)
        writer.write(response())

    async with serving(script) as wire:
        pool = pool_to(wire)
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(fetch, pool)
        assert wire.connections == 3
        pool.close()


async def test_a_kept_connection_that_went_stale_is_replaced_once_and_unseen():
    async def script(wire, reader, writer, number):
        await wire.request(reader)
        writer.write(response(b"%d" % number))
        if number == 1:
            await wire.request(reader)  # the server closes just as the next request comes in

    async with serving(script) as wire:
        pool = pool_to(wire)
        assert await fetch(pool) == b"1"
        assert await fetch(pool) == b"2"
        assert len(wire.heard) == 3
        pool.close()


@pytest.mark.parametrize(("error", "again"), [(BrokenPipeError(), True), (ConnectionResetError(), False)])
async def test_what_may_go_out_once_is_sent_again_only_if_not_all_of_it_was_written(error, again):
    async def script(wire, reader, writer, number):
        for _ in range(2):
            await wire.request(reader)
            writer.write(response(b"%d" % number))
        await anyio.sleep_forever()

    async with serving(script) as wire:
        pool = pool_to(wire)
        await fetch(pool)
        (kept,) = pool._idle
        kept._transport.write = lambda _: asyncio.get_running_loop().call_soon(kept.connection_lost, error)
        with nullcontext() if again else pytest.raises(UpstreamBroken, match="before it answered"):
            async with pool.send(GET, 5, once=True) as answer:
                assert b"".join([piece async for piece in answer.chunks()]) == b"2"
        assert len(wire.heard) == 1 + again
        pool.close()


async def test_a_server_that_dies_after_a_while_is_a_failed_attempt_not_a_second_sending(monkeypatch):
    monkeypatch.setattr(connections, "STALE_S", 0.0)

    async def script(wire, reader, writer, number):
        await wire.request(reader)
        writer.write(response())
        await wire.request(reader)

    async with serving(script) as wire:
        pool = pool_to(wire)
        await fetch(pool)
        with pytest.raises(UpstreamBroken) as caught:
            await fetch(pool)
        assert caught.value.sent
        assert len(wire.heard) == 2


async def test_a_request_is_never_sent_again_after_a_byte_of_an_answer():
    async def script(wire, reader, writer, number):
        await wire.request(reader)
        writer.write(response())
        await wire.request(reader)
        writer.write(b"HTTP/1.1 200")

    async with serving(script) as wire:
        pool = pool_to(wire)
        await fetch(pool)
        with pytest.raises(UpstreamBroken):
            await fetch(pool)
        assert len(wire.heard) == 2


async def test_a_fresh_connection_that_closes_is_not_tried_again():
    async def script(wire, reader, writer, number):
        await wire.request(reader)

    async with serving(script) as wire:
        with pytest.raises(UpstreamBroken):
            await fetch(pool_to(wire))
        assert wire.connections == 1


async def test_a_connection_known_to_be_closed_is_not_used():
    gone = anyio.Event()

    async def script(wire, reader, writer, number):
        await wire.request(reader)
        writer.write(response(b"%d" % number))
        if number == 1:
            await gone.wait()
        else:
            await wire.request(reader)

    async with serving(script) as wire:
        pool = pool_to(wire)
        await fetch(pool)
        kept = pool._idle[0]
        gone.set()
        await until(lambda: kept.closed)
        assert await fetch(pool) == b"2"
        assert len(wire.heard) == 2


async def test_a_pool_that_was_closed_keeps_no_connection():
    """One that was in use is closed as soon as its answer is complete."""
    closed = asyncio.Event()

    async def in_two(wire, reader, writer, _):
        await wire.request(reader)
        whole = response(b"hello")
        writer.write(whole[:-2])
        await closed.wait()
        writer.write(whole[-2:])
        await reader.read()

    async with serving(in_two) as wire:
        pool = pool_to(wire)
        async with pool.send(GET, 5) as answer:
            pool.close()
            closed.set()
            assert b"".join([piece async for piece in answer.chunks()]) == b"hello"
        await until(lambda: wire.closed == 1)


async def test_an_old_idle_connection_is_let_go_when_taken_or_when_another_comes_back(monkeypatch):
    monkeypatch.setattr(pools, "MAX_IDLE_S", -1.0)
    async with serving(always(response())) as wire:
        pool = pool_to(wire)
        await fetch(pool)
        await fetch(pool)
        assert wire.connections == 2
        monkeypatch.setattr(pools, "MAX_IDLE_S", 60.0)
        await fetch(pool)
        pool._idle[0].idle_since -= 100
        await fetch(pool)
        assert wire.connections == 4
        pool.close()
        assert not pool._idle


async def test_what_lies_idle_below_is_let_go_too():
    async def script(wire, reader, writer, number):
        while True:
            await wire.request(reader)
            await until(lambda: len(wire.heard) >= 2)
            writer.write(response())

    async with serving(script) as wire:
        pool = pool_to(wire)
        async with anyio.create_task_group() as group:
            group.start_soon(fetch, pool)
            group.start_soon(fetch, pool)
        assert len(pool._idle) == 2
        pool._idle[0].idle_since -= 100
        await fetch(pool)
        assert len(pool._idle) == 1
        pool.close()


async def test_leaving_early_closes_the_connection_so_that_the_upstream_stops():
    async def script(wire, reader, writer, number):
        await wire.request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n")
        await reader.read()  # returns when the other side is gone

    async with serving(script) as wire:
        pool = pool_to(wire)
        async with pool.send(GET, 5) as answer:
            async for _ in answer.chunks():
                break
        await until(lambda: wire.closed == 1)
        assert not pool._idle


async def test_a_reader_that_fails_after_a_whole_answer_harms_nobody_who_took_the_connection():
    taken, go_on = anyio.Event(), anyio.Event()

    async def script(wire, reader, writer, number):
        await wire.request(reader)
        writer.write(response(b"first", status=b"500 Oops"))
        await wire.request(reader)
        taken.set()
        await go_on.wait()
        writer.write(response(b"second"))

    got: list[bytes] = []

    async def neighbour(pool: Pool) -> None:
        got.append(await fetch(pool))

    async with serving(script) as wire:
        pool = pool_to(wire)
        async with anyio.create_task_group() as group:
            with pytest.raises(LookupError):  # noqa: PT012 -- the context is what is tested
                async with pool.send(GET, 5) as answer:
                    assert [piece async for piece in answer.chunks()] == [b"first"]
                    group.start_soon(neighbour, pool)
                    await taken.wait()
                    raise LookupError
            go_on.set()
        assert got == [b"second"]
        assert wire.connections == 1
        pool.close()


async def test_nobody_there_is_reported_as_nothing_sent():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(UpstreamBroken) as caught:
        await fetch(Pool(tcp_dialer(Server.parse(f"http://127.0.0.1:{port}"), numeric)))
    assert not caught.value.sent


async def test_a_connection_that_takes_too_long_is_reported_as_nothing_sent():
    async def never(make):
        await anyio.sleep_forever()

    with pytest.raises(UpstreamBroken) as caught:
        async with Pool(never).send(GET, 0.01):
            pass
    assert not caught.value.sent


@pytest.mark.parametrize("error", [OSError("no route"), UnicodeError("label too long")])
async def test_a_name_that_cannot_be_resolved_is_reported_as_nothing_sent(error):
    async def fails(host, port):
        raise error

    with pytest.raises(UpstreamBroken) as caught:
        await fetch(Pool(tcp_dialer(Server.parse("http://a..b:1"), fails)))
    assert not caught.value.sent


async def test_the_next_address_is_tried_and_without_one_nothing_is_sent():
    async def two(host, port):
        return ["127.0.0.2", "127.0.0.1"]

    async def none(host, port):
        return []

    async with serving(always(response(b"hello"))) as wire:
        server = Server.parse(wire.url)
        pool = Pool(tcp_dialer(server, two))
        assert await fetch(pool) == b"hello"
        pool.close()
        with pytest.raises(UpstreamBroken):
            await fetch(Pool(tcp_dialer(server, none)))
        assert wire.connections == 1


async def test_https_checks_the_certificate_against_the_name():
    async with serving(always(response())) as wire:
        with pytest.raises(UpstreamBroken) as caught:
            await fetch(Pool(tcp_dialer(Server.parse(wire.url.replace("http", "https")), numeric)))
        assert not caught.value.sent
        assert not wire.heard
    assert ssl.create_default_context().check_hostname


async def test_a_unix_socket_is_as_good(tmp_path):
    path = str(tmp_path / "s")

    async def connected(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response(b"hello"))
        await reader.read()
        writer.close()

    server = await asyncio.start_unix_server(connected, path)
    pool = Pool(unix_dialer(path))
    assert await fetch(pool) == b"hello"
    pool.close()
    server.close()
