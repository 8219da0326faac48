"""Engines that cut a character in two are passed on as they are, and judged all the same."""

import pytest
from support.fakes import Client, Fakes, FakeUpstream, ask, inbound, stream, whole

from gateway.pipeline.handle import handle

pytestmark = pytest.mark.anyio

HALF = b"\\ud83d"


async def serve(reply, body):
    client, fakes = Client(), Fakes(upstream=FakeUpstream(home=reply))
    await handle(inbound(body), fakes.world, client)
    return client, fakes


async def test_in_a_whole_answer():
    message = b'{"index":0,"message":{"role":"assistant","content":"' + HALF + b'"},"finish_reason":"stop"}'
    sent = b'{"id":"c","model":"m","choices":[' + message + b'],"usage":{"prompt_tokens":7,"completion_tokens":3}}'
    client, fakes = await serve(whole(sent), ask())

    assert client.body == sent
    assert fakes.spool.finished.status == 200
    assert fakes.spool.settled[0].usage.output_tokens == 3


async def test_in_a_stream():
    def event(content, finish=b"null"):
        choice = b'{"index":0,"delta":{"content":"' + content + b'"},"finish_reason":' + finish + b"}"
        return b'data: {"id":"c","choices":[' + choice + b"]}\n\n"

    sent = [event(HALF), event(b"\\ude00"), event(b"", b'"stop"'), b"data: [DONE]\n\n"]
    client, fakes = await serve(stream(*sent), ask(stream=True))

    assert client.body == b"".join(sent)
    assert fakes.spool.settled[0].outcome == "ok"
