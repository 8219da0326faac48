"""Bytes to a vendor and bytes back, against real loopback sockets."""

import socket
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import anyio
import pytest
from support.fakes import closed, policy
from support.loopback import always, response, serving, until

from gateway.domain.target import Timeouts
from gateway.egress.outgoing import Outgoing, VendorBroken
from gateway.egress.passthrough import Passthrough, vendor_headers, vendor_url

pytestmark = pytest.mark.anyio


def outgoing(
    base: str | None = None, *, kind="openai", path="/v1/chat/completions", credential="sk-1", **headers
) -> Outgoing:
    place = {} if base is None else {"api_base": base}
    target = policy(
        targets=[closed("away", kind=kind, **place), closed("home")],
        models=[{"name": "auto", "candidates": ["away"]}],
        rules=[],
    ).targets["away"]
    return Outgoing(target, credential, path, b'{"a":1}', {n.replace("_", "-"): v for n, v in headers.items()}, "att")


@asynccontextmanager
async def passthrough(seconds: float = 20.0):
    async with aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Passthrough(session, total=seconds)


async def send(way: Passthrough, it: Outgoing):
    async with way.send(it) as answer:
        return answer.status, dict(answer.headers), b"".join([piece async for piece in answer.pieces])


@pytest.mark.parametrize(
    ("base", "kind", "path", "url"),
    [
        (None, "openai", "/v1/chat/completions", "https://api.openai.com/v1/chat/completions"),
        (None, "anthropic", "/v1/messages", "https://api.anthropic.com/v1/messages"),
        ("https://x/openai/v9/", "openai", "/v1/chat/completions", "https://x/openai/v9/chat/completions"),
        ("https://x/a/", "anthropic", "/v1/messages", "https://x/a/v1/messages"),
        ("https://x/a", "sglang", "/v1/messages", "https://x/a/v1/messages"),
        ("https://x/a/v1", "sglang", "/v1/chat/completions", "https://x/a/v1/chat/completions"),
    ],
)
def test_the_policy_s_own_base_is_where_it_goes(base, kind, path, url):
    assert vendor_url(outgoing(base, kind=kind, path=path)) == url


def test_each_vendor_gets_its_key_in_its_own_header():
    sent = vendor_headers(outgoing(accept="x"))
    assert sent == {
        "accept": "x",
        "accept-encoding": "identity",
        "user-agent": "gateway",
        "authorization": "Bearer sk-1",
    }
    sent = vendor_headers(outgoing(kind="anthropic"))
    assert (sent["x-api-key"], sent["anthropic-version"]) == ("sk-1", "2023-06-01")
    assert vendor_headers(outgoing(kind="anthropic", anthropic_version="later"))["anthropic-version"] == "later"
    assert "authorization" not in vendor_headers(outgoing(credential=None))
    assert "x-api-key" not in vendor_headers(outgoing(kind="anthropic", credential=None))


async def test_body_and_answer_are_bytes_and_only_some_headers_come_back():
    headers = b"Content-Type: application/json\r\nx-request-id: r1\r\nset-cookie: a=b\r\nRetry-After: 7\r\n"
    async with (
        serving(always(response(b"\x1f\x8b{}", status=b"429 Slow", headers=headers))) as wire,
        passthrough() as way,
    ):
        status, back, body = await send(way, outgoing(wire.url + "/v1", accept="x"))
        assert (status, body) == (429, b"\x1f\x8b{}")
        assert back == {"content-type": "application/json", "x-request-id": "r1", "retry-after": "7"}
        assert wire.heard[0].startswith(b"POST /v1/chat/completions HTTP/1.1\r\n")
        assert wire.heard[0].endswith(b'\r\n\r\n{"a":1}')
        assert b"cookie" not in wire.heard[0].lower()


async def test_a_redirect_is_not_followed():
    redirect = response(status=b"302 Found", headers=b"location: http://127.0.0.1:1/\r\n")
    async with serving(always(redirect)) as wire, passthrough() as way:
        assert (await send(way, outgoing(wire.url)))[0] == 302


@pytest.mark.parametrize(
    "data",
    [
        b"garbage\r\n\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
    ],
)
async def test_an_answer_that_breaks_off_is_broken_not_whole(data):
    async def script(wire, reader, writer, _):
        await wire.request(reader)
        writer.write(data)

    async with serving(script) as wire, passthrough() as way:
        with pytest.raises(VendorBroken) as caught:
            await send(way, outgoing(wire.url))
        assert caught.value.reached


async def test_an_unreachable_vendor_is_reported_as_such():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with passthrough() as way:
        with pytest.raises(VendorBroken) as caught:
            await send(way, outgoing(f"http://127.0.0.1:{port}"))
        assert not caught.value.reached


async def test_silence_ends_with_the_time():
    async def script(wire, reader, writer, _):
        await reader.read()

    async with serving(script) as wire, passthrough(0.05) as way:
        with pytest.raises(VendorBroken):
            await send(way, outgoing(wire.url))


async def test_leaving_early_closes_the_connection():
    async def script(wire, reader, writer, _):
        await wire.request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n")
        await reader.read()

    async with serving(script) as wire, passthrough() as way:
        async with way.send(outgoing(wire.url)) as answer:
            assert await anext(answer.pieces) == b"x"
        await until(lambda: wire.closed == 1)


async def test_a_targets_own_times_go_before_the_process_s():
    """`timeouts.total: 60` in policy is longer than the process's; `timeouts.connect` bounds the vendor's socket."""
    timed = policy(
        targets=[closed("away", timeouts={"connect": 1, "total": 60}), closed("home")],
        models=[{"name": "auto", "candidates": ["away"]}],
        rules=[],
    ).targets
    async with aiohttp.ClientSession() as session:
        way = Passthrough(session, connect=5, total=7)
        own, other = way._timeout(timed["away"]), way._timeout(timed["home"])
    assert (own.sock_connect, own.total) == (1, 60)
    assert (other.sock_connect, other.total) == (5, 7)


async def test_a_slow_vendor_is_given_up_after_its_targets_total():
    async def silent(wire, reader, writer, number) -> None:
        await anyio.sleep_forever()

    async with passthrough() as way, serving(silent) as wire:
        slow = outgoing(wire.url)
        slow = replace(slow, target=replace(slow.target, timeouts=Timeouts(total=0.05)))
        with pytest.raises(VendorBroken):
            await send(way, slow)
