"""Straight to a local server."""

import pytest
from support.fakes import local, policy
from support.loopback import always, response, serving

from gateway.domain.label import Label
from gateway.ports import UpstreamBroken, UpstreamCall
from gateway.upstream.local import LocalUpstream, request
from gateway.upstream.pool import Server

pytestmark = pytest.mark.anyio


def call(endpoint: str, **more) -> UpstreamCall:
    target = policy(targets=[local("home", endpoints=[endpoint], **more), local("away")]).targets["home"]
    return UpstreamCall(
        target=target,
        endpoint=endpoint,
        path="/v1/messages",
        body=b'{"a":1}',
        headers={"content-type": "application/json", "anthropic-beta": "\xe9"},
        label=Label(),
        policy="p",
        decision="d",
        attempt="a",
        connect_timeout=5.0,
    )


async def ask(upstream: LocalUpstream, it: UpstreamCall) -> bytes:
    async with upstream.open(it) as answer:
        return b"".join([piece async for piece in answer.chunks()])


async def test_a_call_is_sent_as_it_is_with_the_servers_own_key():
    async with serving(always(response(b"hello"))) as wire:
        upstream = LocalUpstream(lambda: (), {"LOCAL_KEY": " secret\n"})
        assert await ask(upstream, call(wire.url, local_api_key_env="LOCAL_KEY")) == b"hello"
        assert await ask(upstream, call(wire.url)) == b"hello"
        first, second = wire.heard
        assert first.startswith(b"POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1:%d\r\n" % wire.port)
        assert b"\r\nauthorization: Bearer secret\r\n" in first
        assert b"\r\nanthropic-beta: \xe9\r\n" in first
        assert first.endswith(b'\r\ncontent-length: 7\r\n\r\n{"a":1}')
        assert b"authorization" not in second
        assert wire.connections == 1
        upstream.close()


async def test_a_redirect_is_an_answer_like_any_other():
    async with serving(always(response(status=b"302 Found", headers=b"location: http://169.254.169.254/\r\n"))) as wire:
        upstream = LocalUpstream(lambda: (), {})
        async with upstream.open(call(wire.url)) as answer:
            assert answer.head.status == 302
        assert len(wire.heard) == 1


async def test_what_is_not_local_is_not_connected_to_and_trust_is_read_each_time():
    trusted: list[str] = []
    upstream = LocalUpstream(lambda: trusted, {})
    with pytest.raises(UpstreamBroken) as caught:
        await ask(upstream, _elsewhere())
    assert not caught.value.sent
    trusted.append("192.0.2.0/24")
    with pytest.raises(UpstreamBroken) as caught:
        await ask(upstream, _elsewhere(0.01))
    assert not caught.value.sent


def _elsewhere(seconds: float = 5.0) -> UpstreamCall:
    it = call("http://127.0.0.1:1")
    return UpstreamCall(
        **{name: getattr(it, name) for name in it.__struct_fields__ if name not in {"endpoint", "connect_timeout"}},
        endpoint="http://192.0.2.1:9",
        connect_timeout=seconds,
    )


@pytest.mark.parametrize(
    ("url", "path", "line"),
    [
        ("http://h:1", "/v1/messages", b"GET /v1/messages HTTP/1.1"),
        ("http://h:1/v1", "/v1/messages", b"GET /v1/messages HTTP/1.1"),
        ("http://h:1/api/v1/", "/v1/models", b"GET /api/v1/models HTTP/1.1"),
        ("http://h:1/x", "/ready", b"GET /x/ready HTTP/1.1"),
    ],
)
def test_a_base_that_ends_in_v1_is_not_doubled(url, path, line):
    sent = request("GET", Server.parse(url), path, {}, b"")
    assert sent.split(b"\r\n")[0] == line
    assert b"content-length" not in sent
    assert b"accept-encoding: identity" in sent
