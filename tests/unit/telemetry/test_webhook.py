"""Alerts reach their receiver signed, once, and in spite of its bad days."""

import hashlib
import hmac
import json
import time

import anyio
import pytest

from gateway.telemetry import alert_queue
from gateway.telemetry.webhook import SIGNATURE, Webhook, signature

pytestmark = pytest.mark.anyio


class Receiver:
    """Answers 200. Alerts that are named get the answers given for them first."""

    def __init__(self, **answers):
        self.answers, self.got = answers, []

    async def __call__(self, body, headers):
        name = json.loads(body)["id"]
        self.got.append((name, headers[SIGNATURE], body))
        answer = self.answers[name].pop(0) if self.answers.get(name) else 200
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def ids(self):
        return [one[0] for one in self.got]


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    """The length of pauses is the queue's: tests/unit/telemetry/test_alert_queue.py."""
    monkeypatch.setattr(alert_queue, "LONGEST_PAUSE_S", 0.0)
    monkeypatch.setattr(alert_queue, "FIRST_PAUSE_S", 0.0)


async def delivered(receiver, *ids, **more):
    lost = []
    hook = Webhook(
        receiver,
        b"secret",
        lambda: 1000.5,
        time.monotonic,
        lost=lambda alert, why: lost.append((alert["id"], why)),
        **more,
    )
    with anyio.fail_after(30):
        async with anyio.create_task_group() as group:
            group.start_soon(hook.run)
            for one in ids:
                hook.put({"id": one})
            while hook.waiting:
                await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
    return lost


async def test_each_is_sent_once_and_in_order():
    receiver = Receiver()
    lost = await delivered(receiver, "a", "b")

    assert (receiver.ids, lost) == (["a", "b"], [])


@pytest.mark.parametrize("trouble", [503, 429, 408, 302, OSError("refused"), TimeoutError()])
async def test_trouble_is_tried_again_with_the_same_id_and_delays_no_other(trouble):
    receiver = Receiver(a=[trouble, trouble])
    lost = await delivered(receiver, "a", "b")

    assert receiver.ids[:2] == ["a", "b"]
    assert (sorted(receiver.ids), lost) == (["a", "a", "a", "b"], [])


async def test_many_tries_lose_nothing():
    """Twelve were the end once: an hour without a receiver."""
    receiver = Receiver(a=[OSError("refused")] * 100)
    lost = await delivered(receiver, "a")

    assert (len(receiver.got), lost) == (101, [])


async def test_a_no_is_believed_and_reported():
    receiver = Receiver(a=[404])
    lost = await delivered(receiver, "a", "b")

    assert (receiver.ids, lost) == (["a", "b"], [("a", "refused")])


async def test_what_is_too_old_is_given_up_and_reported(monkeypatch):
    monkeypatch.setattr(alert_queue, "KEPT_S", 0.0)
    lost = await delivered(Receiver(a=[500]), "a", "b")

    assert lost == [("a", "expired")]


async def test_what_no_longer_fits_is_reported(monkeypatch):
    monkeypatch.setattr(alert_queue, "MOST", 1)
    receiver = Receiver()
    lost = await delivered(receiver, "a", "b")

    assert (receiver.ids, lost) == (["b"], [("a", "queue_full")])


async def test_what_is_not_delivered_is_kept_and_an_earlier_processs_come_first():
    """The alert on its way is kept, too, until it has been taken."""
    kept, receiver = [], Receiver()

    async def post(body, headers):
        kept.append("post " + json.loads(body)["id"])
        return await receiver(body, headers)

    def keep(waiting):
        kept.append(" ".join(one["id"] for one in waiting))

    await delivered(post, "new", waiting=[{"id": "old"}], keep=keep)
    assert kept == ["old new", "post old", "new", "post new", ""]


async def test_the_signature_can_be_checked():
    receiver = Receiver()
    await delivered(receiver, "a")
    _, signed, body = receiver.got[0]
    expected = hmac.new(b"secret", b"1000." + body, hashlib.sha256).hexdigest()
    assert signed == f"t=1000,v1={expected}" == signature(b"secret", 1000, body)
