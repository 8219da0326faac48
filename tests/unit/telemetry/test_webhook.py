"""Alerts reach their receiver signed, once, and in spite of its bad days."""

import hashlib
import hmac
import json

import anyio
import pytest

from gateway.telemetry import webhook
from gateway.telemetry.webhook import SIGNATURE, TRIES, Webhook, signature

pytestmark = pytest.mark.anyio


class Receiver:
    def __init__(self, *answers):
        self.answers, self.got = list(answers), []

    async def __call__(self, body, headers):
        self.got.append((json.loads(body)["id"], headers[SIGNATURE], body))
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def anyio_backend():
    return "asyncio"


async def delivered(receiver, *ids, monkeypatch):
    async def at_once(_seconds):
        await anyio.lowlevel.checkpoint()

    hook = Webhook(receiver, b"secret", lambda: 1000.5)
    monkeypatch.setattr(webhook.anyio, "sleep", at_once)
    async with anyio.create_task_group() as group:
        group.start_soon(hook.run)
        for one in ids:
            hook.put({"id": one})
        while hook.delivered + hook.given_up < len(ids):
            await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    return hook


async def test_each_is_sent_once_and_in_order(monkeypatch):
    receiver = Receiver()
    hook = await delivered(receiver, "a", "b", monkeypatch=monkeypatch)
    assert [one[0] for one in receiver.got] == ["a", "b"]
    assert hook.delivered == 2


@pytest.mark.parametrize("trouble", [503, 429, OSError("refused"), TimeoutError()])
async def test_trouble_is_tried_again_with_the_same_id(trouble, monkeypatch):
    receiver = Receiver(trouble, trouble)
    await delivered(receiver, "a", monkeypatch=monkeypatch)
    assert [one[0] for one in receiver.got] == ["a", "a", "a"]


async def test_a_no_is_believed(monkeypatch):
    receiver = Receiver(404)
    hook = await delivered(receiver, "a", "b", monkeypatch=monkeypatch)
    assert ([one[0] for one in receiver.got], hook.given_up, hook.delivered) == (["a", "b"], 1, 1)


async def test_it_gives_up_in_the_end(monkeypatch):
    receiver = Receiver(*[500] * 100)
    hook = await delivered(receiver, "a", monkeypatch=monkeypatch)
    assert (len(receiver.got), hook.given_up) == (TRIES, 1)


async def test_what_is_not_delivered_is_kept_and_an_earlier_processs_come_first(monkeypatch):
    """The alert on its way is kept, too, until it has been taken."""
    kept, receiver = [], Receiver()

    async def post(body, headers):
        kept.append("post " + " ".join(one["id"] for one in hook._left()))
        return await receiver(body, headers)

    def keep(waiting):
        kept.append(" ".join(one["id"] for one in waiting))

    hook = Webhook(post, b"secret", lambda: 1000.5, waiting=[{"id": "old"}], keep=keep)
    hook.put({"id": "new"})
    async with anyio.create_task_group() as group:
        group.start_soon(hook.run)
        while hook.delivered < 2:
            await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    assert kept == ["old new", "post old new", "new", "post new", ""]


async def test_the_signature_can_be_checked(monkeypatch):
    receiver = Receiver()
    await delivered(receiver, "a", monkeypatch=monkeypatch)
    _, signed, body = receiver.got[0]
    expected = hmac.new(b"secret", b"1000." + body, hashlib.sha256).hexdigest()
    assert signed == f"t=1000,v1={expected}" == signature(b"secret", 1000, body)
