"""Prompt text, answers and keys never stand in logs, spool, ledger, metrics or errors."""

import os
import signal

import httpx
import pytest
from support.lab import holds
from support.otlp_sink import otlp_sink
from support.stack import VENDOR_KEYS, stack

CANARY = "zq-canary-7f3a"


@pytest.fixture
def own(tmp_path):
    with stack(tmp_path) as made:
        yield made.start()


def test_nothing_that_the_gateway_leaves_behind_holds_text_or_keys(own):
    tools = [{"type": "function", "function": {"name": CANARY, "description": CANARY, "parameters": {CANARY: 1}}}]
    for stream in (False, True):
        own.chat(f"my card 4539 1488 0343 6467 {CANARY}", model="gpt-5", stream=stream, user=CANARY, tools=tools)
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


def test_no_canary_in_any_form_stands_anywhere_also_not_where_things_go_wrong(tmp_path):
    """Masked, refused, failed over, cut off by a killed egress: nor in chains, journal, spans, headers, dumps."""
    mail, card = "jane.miller@kontor-12.de", "4539 1488 0343 6467"
    canaries = (mail, card, CANARY, "sk-ant-api03-GEZDGNBVGY3TQOJQGEZDGNBV7K2mQ9wZ")
    with otlp_sink() as sink, stack(tmp_path) as own:
        own.environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
        for target in own.document["targets"]:
            if target["zone"] == "closed":
                target["clearance"]["mask"] = ["email"]
        own.start()
        text = " ".join(canaries)
        answered = b""
        for more in ({"model": "gpt-5"}, {"model": "gpt-5", "stream": True}, {"model": "nope"}, {"max_tokens": -1}):
            answer = own.chat(f"Write to {mail} {CANARY}", headers={"x_gateway_session": CANARY}, **more)
            answered += str(answer.headers).encode() + (answer.content if answer.status_code != 200 else b"")
        for place in (
            {"metadata": {text: text}},
            {"tools": [{"type": "function", "function": {"name": text}}]},
            {"user": text},
        ):
            answer = own.chat(text, model="gpt-5", **place)
            answered += str(answer.headers).encode()
        httpx.post(own.sglang.url + "/sandbox/faults", json={"status": 500})
        answered += own.chat(text, model="gpt-5").content
        os.kill(own.pids("egress")[-1], signal.SIGKILL)
        answered += own.chat(text, model="gpt-5").content
        own.wait_for(lambda: len(sink.spans) > 10, "spans")
        metrics = httpx.get(own.admin + "/metrics").content
        own.stop()
        everything = own.everything_written() + metrics + answered + str(sink.spans).encode()
        dumps = [file for file in (*own.directory.rglob("core*"), *own.data_dir.rglob("*.dump")) if file.is_file()]

    assert dumps == []
    for canary in canaries:
        assert not holds(everything, canary), canary
