"""Prompt text, answers and keys never stand in logs, spool, ledger, metrics or errors."""

import httpx
import pytest
from support.stack import VENDOR_KEYS, stack

CANARY = "zq-canary-7f3a"


@pytest.fixture
def own(tmp_path):
    with stack(tmp_path) as made:
        yield made.start()


def test_nothing_that_the_gateway_leaves_behind_holds_text_or_keys(own):
    tools = [{"type": "function", "function": {"name": CANARY, "description": CANARY, "parameters": {CANARY: 1}}}]
    for stream in (False, True):
        own.chat(f"my card 4111 1111 1111 1111 {CANARY}", model="gpt-5", stream=stream, user=CANARY, tools=tools)
        own.messages(f"{CANARY}", model="claude-x", stream=stream, metadata={"user_id": CANARY})
        own.chat(f"{CANARY} a@b.example", team="legal", stream=stream, headers={"x_gateway_session": CANARY})
    own.chat(CANARY, model="nope")
    own.chat(messages=CANARY)
    httpx.post(own.sglang.url + "/sandbox/faults", json={"status": 500})
    own.chat(CANARY, team="legal")
    metrics = httpx.get(own.admin + "/metrics").content
    own.stop()

    written = own.everything_written() + metrics
    answers = [request["body"] for request in own.sglang.requests()]

    assert any(CANARY in body for body in answers)
    assert CANARY.encode() not in written
    assert b"4111 1111" not in written
    assert b"[sandbox" not in written
    assert not any(key.encode() in written for key in (*own.keys.values(), *VENDOR_KEYS.values()))
