"""litellm behind an allow-list, here a stand-in of it: the real one is measured in tests/e2e and by hand."""

import json
import sys
from types import SimpleNamespace

import anyio
import orjson
import pytest
from support.fakes import closed, policy

from gateway.egress.bridge import Bridge, is_needed
from gateway.egress.outgoing import Outgoing, VendorBroken

pytestmark = pytest.mark.anyio

CHAT = "/v1/chat/completions"


class Dumps:
    def __init__(self, **data) -> None:
        self.data = data

    def model_dump(self, *, exclude_none, mode):
        assert exclude_none
        assert mode == "json"
        return self.data


class VendorError(Exception):
    def __init__(self, status_code, message="boom", headers=None) -> None:
        super().__init__(message)
        self.status_code, self.message = status_code, message
        self.response = None if headers is None else SimpleNamespace(headers=headers)


class Stream:
    def __init__(self, *items) -> None:
        self.items = list(items)
        self.closed = False

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.items:
            raise StopAsyncIteration
        item = self.items.pop(0)
        if isinstance(item, BaseException):
            raise item
        return item

    async def aclose(self):
        self.closed = True


class LiteLLM(SimpleNamespace):
    """What is called of litellm."""

    def __init__(self, result) -> None:
        super().__init__(result=result, calls=[])

    async def acompletion(self, **arguments):
        return self._called("chat", arguments)

    def _called(self, name, arguments):
        self.calls.append((name, arguments))
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result


@pytest.fixture
def litellm(monkeypatch):
    def install(result) -> LiteLLM:
        fake = LiteLLM(result)
        monkeypatch.setitem(sys.modules, "litellm", fake)
        return fake

    return install


def outgoing(body=None, **more) -> Outgoing:
    target = policy(
        targets=[closed("away", kind="litellm", model="mistral/x", **more), closed("home")],
        models=[{"name": "auto", "candidates": ["away"]}],
        rules=[],
    ).targets["away"]
    return Outgoing(target, "sk-1", CHAT, orjson.dumps({"messages": []} | (body or {})), {}, "att")


async def send(it: Outgoing):
    async with Bridge().send(it) as answer:
        return answer.status, dict(answer.headers), b"".join([piece async for piece in answer.pieces])


async def test_only_allowed_arguments_are_passed_and_ours_replace_the_callers(litellm):
    fake = litellm(Dumps(id="c1"))
    evil = {
        "api_base": "http://evil",
        "api_key": "x",
        "base_url": "x",
        "extra_headers": {},
        "model": "evil",
        "temperature": 1,
        "seed": None,
    }
    status, headers, body = await send(outgoing(body=evil, api_base="https://ours/v1"))
    expected = {"content-type": "application/json", "x-egress-dropped": "api_base, api_key, base_url, extra_headers"}
    assert (status, headers, json.loads(body)) == (200, expected, {"id": "c1"})
    ((name, arguments),) = fake.calls
    assert name == "chat"
    assert arguments == {
        "messages": [],
        "temperature": 1,
        "model": "mistral/x",
        "api_key": "sk-1",
        "api_base": "https://ours/v1",
        "num_retries": 0,
        "max_retries": 0,
        "timeout": 900.0,
    }
    assert fake.telemetry is False


async def test_a_stream_becomes_the_callers_frames(litellm):
    stream = Stream(Dumps(id="c1"), Dumps(id="c2"))
    litellm(stream)
    _, headers, body = await send(outgoing(body={"stream": True}))
    assert headers == {"content-type": "text/event-stream"}
    assert body == b'data: {"id":"c1"}\n\ndata: {"id":"c2"}\n\ndata: [DONE]\n\n'
    assert stream.closed


async def test_a_stream_that_breaks_is_broken(litellm):
    stream = Stream(Dumps(id="c1"), RuntimeError("secret"))
    litellm(stream)
    with pytest.raises(VendorBroken) as caught:
        await send(outgoing(body={"stream": True}))
    assert str(caught.value) == "RuntimeError"
    assert stream.closed


async def test_leaving_early_closes_the_stream_and_one_that_cannot_be_closed_is_left(litellm):
    stream = Stream(Dumps(id="c1"), Dumps(id="c2"))
    litellm(stream)
    async with Bridge().send(outgoing(body={"stream": True})) as answer:
        await anext(answer.pieces)
    assert stream.closed

    async def plain():
        yield Dumps(id="c1")

    litellm(SimpleNamespace(__aiter__=None))
    async with Bridge().send(outgoing(body={"stream": True})):
        pass


@pytest.mark.parametrize(("headers", "passed_on"), [(None, {}), ({}, {}), ({"retry-after": 7}, {"retry-after": "7"})])
async def test_an_error_of_the_vendor_is_an_answer(litellm, headers, passed_on):
    litellm(VendorError(429, headers=headers))
    status, back, body = await send(outgoing())
    assert status == 429
    assert back == {"content-type": "application/json"} | passed_on
    assert json.loads(body)["error"]["message"] == "boom"


@pytest.mark.parametrize("error", [RuntimeError("x"), VendorError(None), VendorError(200), VendorError("429")])
async def test_an_error_without_a_status_is_a_broken_vendor(litellm, error):
    litellm(error)
    with pytest.raises(VendorBroken):
        await send(outgoing())


async def test_it_is_imported_once_and_only_when_needed(litellm):
    fake = litellm({})
    bridge = Bridge()
    assert bridge._litellm is None
    async with anyio.create_task_group() as group:
        group.start_soon(bridge.preload)
        group.start_soon(bridge.preload)
    assert bridge._litellm is fake


@pytest.mark.parametrize("stream", [False, True])
async def test_what_a_bridged_call_cannot_carry_is_named_and_odd_names_are_not_repeated(litellm, stream):
    litellm(Stream() if stream else Dumps(id="c1"))
    _, headers, _ = await send(outgoing(body={"stream": stream, "new_field": 1, "a\r\nb": 2, "é": 3}))
    assert headers["x-egress-dropped"] == "?, new_field, ?"


@pytest.mark.parametrize(
    ("zone", "kind", "needed"),
    [
        ("closed", "anthropic", False),
        ("closed", "litellm", True),
        ("closed", "openai", False),
        ("local", "sglang", False),
    ],
)
def test_litellm_is_loaded_before_a_policy_with_a_target_that_is_reached_by_it(zone, kind, needed):
    one = SimpleNamespace(zone=zone, kind=kind)

    assert is_needed([SimpleNamespace(zone="local", kind="sglang"), one]) is needed
    assert not is_needed([])
