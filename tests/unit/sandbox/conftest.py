"""Starts sandboxes in threads and talks to them with the plainest client there is."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

import pytest

from gateway.sandbox import RunningSandbox, SandboxSettings, Vendor, running_in_thread

KEYS = {
    Vendor.SGLANG: {},
    Vendor.OPENAI: {"authorization": "Bearer sk-any"},
    Vendor.ANTHROPIC: {"x-api-key": "sk-ant-any", "anthropic-version": "2023-06-01"},
}
PATHS = {
    Vendor.SGLANG: "/v1/chat/completions",
    Vendor.OPENAI: "/v1/chat/completions",
    Vendor.ANTHROPIC: "/v1/messages",
}


@dataclass(frozen=True)
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def events(self) -> list[Any]:
        """The JSON of all events, `[DONE]` as that text."""
        lines = [line.strip()[6:] for line in self.body.splitlines() if line.startswith(b"data: ")]
        return [json.loads(line) if line != b"[DONE]" else "[DONE]" for line in lines]


class Client:
    def __init__(self, sandbox: RunningSandbox) -> None:
        self.sandbox = sandbox
        self.path = PATHS[sandbox.vendor]
        self.keys = KEYS[sandbox.vendor]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Got:
        connection = HTTPConnection("127.0.0.1", self.sandbox.port, timeout=10)
        try:
            data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, data, {"content-type": "application/json"} | self.keys | named)
            response = connection.getresponse()
            return Got(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Got:
        return self.call("GET", path, **headers)

    def ask(
        self, text: str = "Hello there", *, path: str | None = None, header: dict | None = None, **body: Any
    ) -> Got:
        wanted = {"model": "m", "max_tokens": 8, "messages": [{"role": "user", "content": text}]} | body
        return self.call("POST", path or self.path, {k: v for k, v in wanted.items() if v is not ...}, **header or {})

    def open(self, **body: Any) -> socket.socket:
        """Send a request over a bare socket and leave the answer to the caller."""
        wanted = {"model": "m", "max_tokens": 8, "messages": [{"role": "user", "content": "Hello"}]} | body
        data = json.dumps(wanted).encode()
        headers = {"host": "sandbox", "content-type": "application/json", "content-length": len(data)} | self.keys
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        bare = socket.create_connection(("127.0.0.1", self.sandbox.port), timeout=10)
        bare.sendall(f"POST {self.path} HTTP/1.1\r\n{head}\r\n".encode() + data)
        return bare

    def state(self, until_open: int | None = None) -> Any:
        return self.get("/sandbox/state" + ("" if until_open is None else f"?until_open={until_open}")).json


Start = Callable[..., Client]


@pytest.fixture
def start() -> Iterator[Start]:
    with ExitStack() as stack:

        def go(vendor: Vendor = Vendor.SGLANG, **settings: Any) -> Client:
            return Client(stack.enter_context(running_in_thread(vendor, SandboxSettings(**settings))))

        yield go


@pytest.fixture(params=list(Vendor))
def vendor(request: pytest.FixtureRequest) -> Vendor:
    return request.param


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
