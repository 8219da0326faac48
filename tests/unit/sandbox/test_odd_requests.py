"""Whatever JSON comes in, a sandbox answers it or refuses it; it has no errors of its own."""

import anyio
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.sandbox import Vendor, build

HEADERS = [
    (b"content-type", b"application/json"),
    (b"authorization", b"Bearer x"),
    (b"x-api-key", b"x"),
    (b"anthropic-version", b"2023-06-01"),
]
WORDS = st.sampled_from(["any", "tool", "required", "function", "json_schema", "text", "user", "x", ""])
NAMES = st.sampled_from(
    ["type", "name", "function", "parameters", "schema", "json_schema", "properties", "items", "text"]
)
ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 500) | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "model",
    "messages",
    "max_tokens",
    "max_completion_tokens",
    "n",
    "stop",
    "stop_sequences",
    "tools",
    "tool_choice",
    "response_format",
    "stream",
    "stream_options",
    "system",
    "temperature",
    "rid",
    "cache_control",
]
PATHS = [
    (Vendor.SGLANG, "/v1/chat/completions"),
    (Vendor.SGLANG, "/v1/messages"),
    (Vendor.OPENAI, "/v1/chat/completions"),
    (Vendor.ANTHROPIC, "/v1/messages"),
    (Vendor.ANTHROPIC, "/v1/messages/count_tokens"),
]


@pytest.mark.parametrize(("vendor", "path"), PATHS)
@settings(max_examples=60, deadline=None)
@given(odd=st.dictionaries(st.sampled_from(FIELDS), ODD, max_size=3))
def test_no_request_makes_a_sandbox_fail(vendor, path, odd):
    usual = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "x"}]}
    status = anyio.run(answer, build(vendor), path, orjson.dumps(usual | odd))

    assert status in {200, 400}


async def answer(app, path: str, body: bytes) -> int:
    statuses = []
    inbox = [{"type": "http.request", "body": body}]

    async def receive():
        return inbox.pop() if inbox else await anyio.sleep_forever()

    async def send(message):
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app({"type": "http", "method": "POST", "path": path, "headers": HEADERS, "query_string": b""}, receive, send)
    return statuses[0]
