"""A client that hangs up frees the upstream at once, and what was used is billed, once."""

import httpx
import pytest


def running(sandbox) -> int:
    return httpx.get(sandbox.url + "/sandbox/state").json()["running"]


@pytest.mark.parametrize(("model", "name"), [("auto", "sglang"), ("gpt-5", "openai"), ("claude-x", "anthropic")])
@pytest.mark.parametrize("after", ["content", "nothing"])
def test_hanging_up_aborts_the_upstream_and_bills_what_was_used(gateway, model, name, after):
    sandbox = getattr(gateway, name)
    # The first bridged call loads litellm, which may take longer than the tests' time to the first token.
    gateway.wait_for(
        lambda: gateway.chat(model=model, team="engineering").headers["x-gateway-reason"] != "failover", model
    )
    fault = {"hang_after": 8} if after == "content" else {"hang": True}
    httpx.post(sandbox.url + "/sandbox/faults", json=fault)
    body = {"model": model, "messages": [{"role": "user", "content": "Hello"}], "stream": True, "max_tokens": 64}
    path, headers = "/v1/chat/completions", gateway.headers("engineering")

    if after == "content":
        with httpx.stream("POST", gateway.url + path, json=body, headers=headers) as answer:
            next(answer.iter_bytes())
    else:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(gateway.url + path, json=body, headers=headers, timeout=0.5)
    gateway.wait_for(lambda: running(sandbox) == 0, "an aborted upstream")

    row = gateway.wait_for(lambda: last_row(gateway), "the row")
    assert (row["status"], row["attempts"]) == (499, 1)
    booked = gateway.decision(row["id"])
    assert booked["attempt_list"][0]["outcome"] == "client_closed"
    assert booked["usage"]["estimated"]
    assert float(booked["cost_usd"]) > 0
    httpx.post(sandbox.url + "/sandbox/faults", json={})


def last_row(gateway):
    import json

    rows = json.loads(gateway.cli("decisions", "list", "--limit", "1", "--format", "json").stdout)
    return rows[0] if rows and rows[0]["status"] else None
