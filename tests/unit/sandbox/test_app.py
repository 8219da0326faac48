"""What a sandbox received can be asked for, and nobody takes its answers for real ones."""

import hashlib

import anyio
import pytest

from gateway.sandbox import SandboxSettings, Vendor, build


def test_every_response_is_labelled(start, vendor):
    client = start(vendor, faults=("status=500", "times=1"))
    responses = [
        client.ask(),
        client.ask(),
        client.ask(stream=True),
        client.get("/v1/nope"),
        client.get("/sandbox/state"),
    ]

    assert {got.headers["x-sandbox"] for got in responses} == {vendor.value}


def test_what_was_received_is_reported_without_keys(start, vendor):
    client = start(vendor)
    client.ask("héllo", header={"traceparent": "00-1-2-01", "x_other": "kept", "cookie": "secret"})
    got = client.get("/sandbox/requests")
    record = got.json[0]

    assert (record["method"], record["path"], record["status"]) == ("POST", client.path, 200)
    assert (record["traceparent"], record["headers"]["x-other"]) == ("00-1-2-01", "kept")
    assert (record["finished"], record["disconnected"], record["stream"]) == (True, False, False)
    assert "h\\u00e9llo" in record["body"]
    assert b"any" not in got.body
    assert b"secret" not in got.body


def test_a_key_is_reported_by_its_hash(start):
    client = start(Vendor.OPENAI)
    client.ask()
    client.ask(header={"authorization": ""})
    first, second = client.get("/sandbox/requests").json

    assert first["credentials"] == {
        "authorization": {"scheme": "Bearer", "sha256": hashlib.sha256(b"sk-any").hexdigest()}
    }
    assert second["credentials"]["authorization"]["scheme"] is None


def test_requests_are_listed_by_path_and_chunks_are_counted(start):
    client = start()
    events = client.ask(stream=True).events
    client.get("/ready")
    records = client.get(f"/sandbox/requests?path={client.path}").json

    assert [(record["chunks_sent"], record["stream"]) for record in records] == [(len(events), True)]
    assert client.sandbox.requests("/ready")[0]["method"] == "GET"


def test_only_the_last_thousand_requests_are_remembered():
    app = build(Vendor.SGLANG)

    async def ready() -> None:
        await call(app, "/ready")

    async def many() -> None:
        for _ in range(1003):
            await ready()

    anyio.run(many)

    assert [app.state.records[0].id, len(app.state.records)] == [4, 1000]


def test_reset_forgets_requests_and_cache(start):
    client = start()
    client.ask()
    client.call("POST", "/sandbox/reset", b"")

    assert client.get("/sandbox/requests").json == []
    assert client.ask().json["usage"]["prompt_tokens_details"]["cached_tokens"] == 0


def test_an_unknown_page_of_the_sandbox_is_404(start):
    assert start().get("/sandbox/nope").status == 404


def test_hanging_up_stops_a_generation_that_waits_for_its_next_token(start):
    client = start(latency=1000.0)
    bare = client.open(stream=True)
    client.state(until_open=1)
    bare.close()
    client.state(until_open=0)

    record = client.sandbox.requests()[-1]
    assert (record["disconnected"], record["finished"], client.sandbox.running) == (True, False, 0)
    assert "sglang:num_aborted_requests_total" in client.get("/metrics").body.decode()
    assert client.sandbox.app.state.meters.aborted == 1


def test_a_header_that_comes_twice_is_joined(start):
    app = build(Vendor.SGLANG)

    async def twice() -> None:
        await call(app, "/ready", [(b"x-a", b"1"), (b"x-a", b"2")])

    anyio.run(twice)

    assert app.state.records[0].request.headers["x-a"] == "1, 2"


async def call(app, path, headers=(), messages=None):
    """Call the application as a server would, and give what it sent."""
    sent = []
    inbox = list(messages or [{"type": "http.request", "body": b"", "more_body": False}])

    async def receive():
        return inbox.pop(0) if inbox else await anyio.sleep_forever()

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": list(headers)}
    await app(scope, receive, send)
    return sent


@pytest.mark.anyio
async def test_a_client_that_goes_before_its_body_is_read_leaves_no_trace():
    app = build(Vendor.SGLANG)
    sent = await call(app, "/ready", messages=[{"type": "http.disconnect"}])

    assert (sent, list(app.state.records)) == ([], [])


@pytest.mark.anyio
async def test_under_a_server_that_hides_its_connections_a_cut_returns_early():
    app = build(Vendor.SGLANG, settings=SandboxSettings(faults=("cut=0",)))
    body = b'{"messages":[{"role":"user","content":"x"}]}'
    sent = []
    messages = [{"type": "http.request", "body": body}]

    async def receive():
        return messages.pop() if messages else await anyio.sleep_forever()

    async def send(message):
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    await app(
        {"type": "http", "method": "POST", "path": "/v1/chat/completions", "headers": headers, "query_string": b""},
        receive,
        send,
    )

    assert sent[-1]["more_body"] is True


@pytest.mark.anyio
async def test_a_server_may_tell_start_and_stop():
    messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent = []

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message["type"])

    await build(Vendor.OPENAI)({"type": "lifespan"}, receive, send)

    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
