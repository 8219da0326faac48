"""A client that hangs up frees the upstream at once, and what was used is billed, once."""

import json
import socket

import httpx
import pytest
from support.stack import LONG, stack


def running(sandbox) -> int:
    return httpx.get(sandbox.url + "/sandbox/state").json()["running"]


@pytest.mark.parametrize(("model", "name"), [("auto", "sglang"), ("gpt-5", "openai"), ("claude-x", "anthropic")])
@pytest.mark.parametrize("after", ["content", "nothing"])
def test_hanging_up_aborts_the_upstream_and_bills_what_was_used(gateway, model, name, after):
    sandbox = getattr(gateway, name)
    fault = {"hang_after": 8} if after == "content" else {"hang": True}
    httpx.post(sandbox.url + "/sandbox/faults", json=fault)
    body = {"model": model, "messages": [{"role": "user", "content": "Hello"}], "stream": True, "max_tokens": 64}
    path, headers = "/v1/chat/completions", gateway.headers("engineering")

    if after == "content":
        with httpx.stream("POST", gateway.url + path, json=body, headers=headers, timeout=LONG) as answer:
            next(answer.iter_bytes())
    else:
        gateway.hang_up_on(sandbox, model=model, stream=True)
    gateway.wait_for(lambda: running(sandbox) == 0, "an aborted upstream")

    row = gateway.wait_for(lambda: last_row(gateway), "the row")
    assert (row["status"], row["attempts"]) == (499, 1)
    booked = gateway.decision(row["id"])
    assert booked["attempt_list"][0]["outcome"] == "client_closed"
    assert booked["usage"]["estimated"]
    assert float(booked["cost_usd"]) > 0
    httpx.post(sandbox.url + "/sandbox/faults", json={})


def last_row(gateway):
    rows = json.loads(gateway.cli("decisions", "list", "--limit", "1", "--format", "json").stdout)
    return rows[0] if rows and rows[0]["status"] else None


@pytest.mark.parametrize("write", [1, 60], ids=["cut by the write time-out", "cut by the idle time-out"])
def test_a_client_that_stops_reading_holds_nothing(tmp_path, write):
    with stack(tmp_path, reply_tokens=60_000, context_length=10_000_000) as own:
        own.settings["timeouts"] = {"connect": 20, "first_token": 40, "idle": 2, "total": 60, "write": write}
        own.start()
        body = {"model": "auto", "messages": [{"role": "user", "content": "x"}], "stream": True}
        payload = json.dumps(body).encode()
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            host, port = own.url.removeprefix("http://").split(":")
            client.connect((host, int(port)))
            client.sendall(
                b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                + f"authorization: Bearer {own.keys['support']}\r\ncontent-length: {len(payload)}\r\n\r\n".encode()
                + payload
            )
            row = own.wait_for(lambda: last_row(own), "the row")
            assert (row["status"], row["attempts"]) == (499, 1)
            own.wait_for(lambda: running(own.sglang) == 0, "an upstream that is free")
        assert not own.events("internal_error")
        metrics = httpx.get(own.admin + "/metrics").text
        assert "gateway_in_flight_requests 0.0" in metrics
