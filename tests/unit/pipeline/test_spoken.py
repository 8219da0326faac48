"""A call whose target speaks another dialect: through the whole pipeline, with a scripted upstream."""

import json

import anyio
import pytest
from support.fakes import (
    BLOCK_START,
    BLOCK_STOP,
    CHAT,
    DONE,
    MESSAGE_DELTA,
    MESSAGE_START,
    MESSAGE_STOP,
    MESSAGES,
    ROLE,
    TEXT_DELTA,
    USAGE,
    Client,
    Fakes,
    FakeUpstream,
    ask,
    chunk,
    closed,
    completion,
    inbound,
    local,
    message,
    named,
    policy,
    stream,
    whole,
)

from gateway.pipeline import spoken as module
from gateway.pipeline.handle import handle

pytestmark = pytest.mark.anyio

TOOL = {"name": "f", "input_schema": {"type": "object"}}
EMAIL = "ann.lee@corp-mail.net"


@pytest.fixture(autouse=True, params=[True, False], ids=["at once", "by the task"])
def at_once(request, monkeypatch) -> bool:
    """Run each test with pieces passed on where they arrive, and with a client that the call's task must wait for."""
    if not request.param:
        monkeypatch.setattr(Client, "room", False)
    return request.param


def only(target, **more) -> Fakes:
    """A world with one target, which plays ``home`` in the scripts."""
    snapshot = policy(targets=[target], models=[{"name": "auto", "candidates": ["home"]}], rules=[], **more)
    return Fakes(snapshot=snapshot)


async def run(fakes, reply, dialect=MESSAGES, **body) -> Client:
    client = Client()
    fakes.upstream = FakeUpstream(home=reply)
    await handle(inbound(ask() | body, dialect), fakes.world, client)
    return client


async def test_a_messages_call_reaches_a_server_of_chat_and_its_answer_comes_back_as_a_message():
    fakes = only(local("home", kind="openai"))
    client = await run(fakes, whole(completion()), max_tokens=50, tools=[TOOL], top_k=5)

    (call,) = fakes.upstream.calls
    sent = json.loads(call.body)
    assert call.path == CHAT.path
    assert sent["tools"][0]["function"]["name"] == "f"
    assert (sent["max_tokens"], sent["model"], "top_k" in sent) == (50, fakes.snapshot.targets["home"].model, False)
    answer = json.loads(client.body)
    assert (answer["type"], answer["content"][0]["type"], answer["stop_reason"]) == ("message", "text", "end_turn")
    assert client.headers["x-gateway-dropped"] == "top_k"
    assert answer["usage"]["output_tokens"] == fakes.spool.settled[0].usage.output_tokens > 0


async def test_a_chat_stream_from_a_server_of_messages_is_a_chat_stream_and_its_usage_is_the_servers():
    fakes = only(local("home", kind="anthropic"))
    reply = stream(MESSAGE_START, BLOCK_START, TEXT_DELTA, BLOCK_STOP, MESSAGE_DELTA, MESSAGE_STOP)
    client = await run(fakes, reply, CHAT, stream=True)

    events = [line[6:] for line in client.body.splitlines() if line.startswith(b"data: ")]
    assert events[-1] == b"[DONE]"
    chunks = [json.loads(event) for event in events[:-1]]
    assert "".join(one["choices"][0]["delta"].get("content", "") for one in chunks)
    assert [one["choices"][0]["finish_reason"] for one in chunks][-1] == "stop"
    assert not fakes.spool.settled[0].usage.estimated
    assert fakes.upstream.calls[0].path == MESSAGES.path


async def test_a_messages_stream_from_a_server_of_chat_is_one_message():
    client = await run(
        only(local("home", kind="openai")),
        stream(ROLE, chunk("Hel"), chunk("lo"), chunk(finish="stop"), USAGE, DONE),
        stream=True,
        max_tokens=5,
    )
    types = [json.loads(line[6:])["type"] for line in client.body.splitlines() if line.startswith(b"data: ")]
    assert types == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


@pytest.mark.parametrize("cut", [(), (DONE,)], ids=["the stream ends", "it says that it is done"])
async def test_a_stream_without_a_finish_is_an_error_in_the_callers_dialect(cut):
    fakes = only(local("home", kind="openai"))
    client = await run(fakes, stream(ROLE, chunk("Hel"), chunk("lo"), *cut), stream=True, max_tokens=5)

    assert b"event: message_stop" not in client.body
    assert b"event: error" in client.body
    assert fakes.spool.settled[0].outcome == "upstream_error"


async def test_a_finished_stream_without_its_last_frame_is_whole():
    reply = stream(ROLE, chunk("Hel"), chunk(finish="stop"))
    client = await run(only(local("home", kind="openai")), reply, stream=True, max_tokens=5)
    assert client.body.endswith(b'event: message_stop\ndata: {"type":"message_stop"}\n\n')


class Echo(FakeUpstream):
    """Streams the last message back, a character a chunk."""

    def open(self, call):
        text = json.loads(call.body)["messages"][-1]["content"]
        self.replies = {"home": [stream(ROLE, *map(chunk, text), chunk(finish="stop"), DONE)]}
        return super().open(call)


async def test_masked_values_come_back_in_the_callers_dialect():
    fakes = only(closed("home", clearance={"max": "internal", "mask": ["email"]}))
    fakes.upstream, client = Echo(), Client()
    body = ask() | {"stream": True, "max_tokens": 5, "messages": [{"role": "user", "content": f"to {EMAIL}"}]}
    await handle(inbound(body, MESSAGES), fakes.world, client)

    assert EMAIL.encode() not in fakes.upstream.calls[0].body
    deltas = [json.loads(line[6:]) for line in client.body.splitlines() if line.startswith(b"data: ")]
    said = "".join(one["delta"].get("text", "") for one in deltas if one["type"] == "content_block_delta")
    assert said == f"to {EMAIL}"


async def test_what_the_target_cannot_be_told_is_the_callers_fault_and_nothing_is_sent():
    fakes = only(local("home", kind="openai"))
    client = await run(fakes, whole(completion()), max_tokens=5, tools=[{"type": "bash_20250124", "name": "bash"}])

    assert (client.status, json.loads(client.body)["error"]["code"]) == (400, "invalid_request")
    assert "tools[0]" in json.loads(client.body)["error"]["message"]
    assert fakes.upstream.calls == []
    assert fakes.spool.settled == []


async def test_another_target_that_speaks_the_dialect_serves_what_the_first_cannot_be_told():
    targets = [local("home", kind="openai"), local("other", kind="anthropic")]
    names = ["home", "other"]
    rules = [{"kind": "prefer", "by": "order", "order": names}]
    fakes = Fakes(snapshot=policy(targets=targets, models=[{"name": "auto", "candidates": names}], rules=rules))
    fakes.upstream = FakeUpstream(other=whole(message()))
    client = Client()
    body = ask() | {"max_tokens": 5, "tools": [{"type": "bash_20250124", "name": "bash"}]}
    await handle(inbound(body, MESSAGES), fakes.world, client)

    assert client.headers["x-gateway-target"] == "other"
    assert (client.headers["x-gateway-reason"], client.headers["x-gateway-rule"]) == ("capability", "dialect")


async def test_a_long_request_and_its_answer_are_translated_off_the_loop(monkeypatch):
    sizes = []

    async def off_loop(work, size):
        sizes.append(size)
        return work()

    monkeypatch.setattr(module, "off_loop", off_loop)
    await run(only(local("home", kind="openai")), whole(completion()), max_tokens=5)
    assert len(sizes) == 2
    assert all(sizes)


SIGNATURE = "U0lHTkFUVVJF" * 6


def thinking(signature):
    return [
        MESSAGE_START,
        named("content_block_start", index=0, content_block={"type": "thinking", "thinking": "", "signature": ""}),
        named("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "hmm"}),
        named("content_block_delta", index=0, delta={"type": "signature_delta", "signature": signature}),
        named("content_block_stop", index=0),
        MESSAGE_DELTA,
        MESSAGE_STOP,
    ]


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("zone", ["local", "closed"])
async def test_signed_thinking_that_a_chat_client_sends_back_goes_to_its_own_vendor_only(streamed, zone):
    first, other = (
        (local("home", kind="anthropic"), local("away"))
        if zone == "local"
        else (
            closed("home", kind="anthropic", clearance="restricted"),
            closed("away", clearance="restricted"),
        )
    )
    rules = [{"kind": "prefer", "by": "order", "order": ["away", "home"]}]
    names = {"models": [{"name": "auto", "candidates": ["home"]}, {"name": "any", "candidates": ["away", "home"]}]}
    fakes = Fakes(snapshot=policy(targets=[first, other], rules=rules, **names))
    block = {"type": "thinking", "thinking": "hmm", "signature": SIGNATURE}
    text = {"type": "text", "text": "Hi"}
    reply = stream(*thinking(SIGNATURE)) if streamed else whole(message(content=[block, text]))
    client = await run(fakes, reply, CHAT, stream=streamed)
    assert SIGNATURE.encode() in client.body

    detail = {"type": "reasoning.text", "text": "hmm", "signature": SIGNATURE, "format": "anthropic-claude-v1"}
    said = {"role": "assistant", "content": "Hi", "reasoning_details": [detail]}
    turns = [{"role": "user", "content": "Hello"}, said, {"role": "user", "content": "more"}]
    fakes.upstream = FakeUpstream(home=whole(message()), away=whole(completion()))
    again = Client()
    await handle(inbound(ask() | {"model": "any", "messages": turns}, CHAT), fakes.world, again)

    assert fakes.upstream.asked == (["away"] if zone == "local" else ["home"])
    if zone == "closed":
        assert json.loads(fakes.upstream.calls[0].body)["messages"][1]["content"][0] == block


@pytest.mark.parametrize(("zone", "kept"), [("closed", False), ("local", True)])
async def test_thinking_that_nobody_signed_stays_behind_where_a_conversation_moves_to_anthropic(zone, kept):
    fakes = only(closed("home", kind="anthropic") if zone == "closed" else local("home", kind="anthropic"))
    block = {"type": "thinking", "thinking": "hmm", "signature": ""}
    said = {"role": "assistant", "content": [block, {"type": "text", "text": "a"}]}
    turns = [{"role": "user", "content": "Hello"}, said, {"role": "user", "content": "more"}]
    client = await run(fakes, whole(message()), max_tokens=5, messages=turns)

    assert (block in json.loads(fakes.upstream.calls[0].body)["messages"][1]["content"]) is kept
    assert client.headers.get("x-gateway-dropped") == (None if kept else "thinking")


@pytest.mark.parametrize("first", ["openai", "anthropic"])
async def test_a_failover_between_a_translated_and_a_plain_target_gives_one_answer(first):
    chat = stream(ROLE, chunk("Hi"), chunk(finish="stop"), USAGE, DONE)
    messages = stream(MESSAGE_START, BLOCK_START, TEXT_DELTA, BLOCK_STOP, MESSAGE_DELTA, MESSAGE_STOP)
    second = "anthropic" if first == "openai" else "openai"
    broken = stream(ROLE) if first == "openai" else stream(MESSAGE_START)
    names = ["home", "other"]
    fakes = Fakes(
        snapshot=policy(
            targets=[local("home", kind=first), local("other", kind=second)],
            models=[{"name": "auto", "candidates": names}],
            rules=[{"kind": "prefer", "by": "order", "order": names}],
        )
    )
    fakes.upstream, client = FakeUpstream(home=broken, other=chat if second == "openai" else messages), Client()
    await handle(inbound(ask() | {"stream": True, "max_tokens": 5}, MESSAGES), fakes.world, client)

    assert fakes.upstream.asked == names
    assert client.body.count(b"event: message_start") == client.body.count(b"event: message_stop") == 1
    assert [one.outcome for one in fakes.spool.settled] == ["upstream_error", "ok"]


async def test_who_hangs_up_in_a_translated_stream_pays_for_what_came():
    fakes = only(local("home", kind="openai"))
    fakes.upstream, client = FakeUpstream(home=stream(ROLE, chunk("Hel"), chunk("lo"), anyio.sleep_forever)), Client()
    with anyio.move_on_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(handle, inbound(ask() | {"stream": True, "max_tokens": 5}, MESSAGES), fakes.world, client)
            while b"lo" not in client.body:
                await anyio.sleep(0.001)
            group.cancel_scope.cancel()

    (settled,) = fakes.spool.settled
    assert (settled.outcome, settled.usage.output_tokens, settled.usage.estimated) == ("client_closed", 2, True)
    assert fakes.upstream.open_now == 0
