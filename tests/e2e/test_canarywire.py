"""Somebody else's attacks: PyPI's canarywire against the whole gateway, as a black box, and with our faults on top.

Its invariant is ours: no canary reaches the vendor, in any attack, and what was masked comes back where it stood. It
answers as the vendor, splits placeholders at every offset of a stream, and breaks the surroundings between requests.
"""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route
from support.stack import LONG, Stack, stack

EMAIL = {"type": "email", "domain": "kontor-12.de"}
PERSON = {"email": EMAIL, "phone": "phone", "iban": "iban", "card": "card", "national_id": "national_id"}
TEMPLATES = {
    "account": {
        "canaries": PERSON,
        "request": {
            "model": "masked",
            "messages": [
                {
                    "role": "user",
                    "content": "Update: mail {{ email.raw }}, phone {{ phone.raw }}, IBAN {{ iban.raw }}, card "
                    "{{ card.raw }}, SSN {{ national_id.raw }}. Thanks.",
                }
            ],
        },
        "response": {
            "content": "Updated: mail {{ email.masked }}, phone {{ phone.masked }}, IBAN {{ iban.masked }}, card "
            "{{ card.masked }}, SSN {{ national_id.masked }}."
        },
    },
    "refund": {
        "canaries": {"card": "card", "iban": "iban", "email": EMAIL},
        "request": {
            "model": "masked",
            "tools": [
                {
                    "name": "refund",
                    "description": "Refund a card. Default payout account {{ iban.raw }}.",
                    "parameters": {"type": "object", "properties": {"card": {"type": "string"}}},
                }
            ],
            "messages": [
                {"role": "user", "content": "Refund card {{ card.raw }}, receipt to {{ email.raw }}."},
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [{"id": "call_1", "name": "lookup", "arguments": {"card": "{{ card.raw }}"}}],
                },
                {
                    "role": "tool",
                    "tool_call_id": "call_1",
                    "content": {"status": "found", "receipt_to": "{{ email.raw }}"},
                },
            ],
        },
        "response": {
            "content": None,
            "tool_calls": [
                {
                    "id": "call_2",
                    "name": "refund",
                    "arguments": {"card": "{{ card.masked }}", "iban": "{{ iban.masked }}", "to": "{{ email.masked }}"},
                }
            ],
        },
    },
    "colleagues": {
        "canaries": {"email": EMAIL, "colleague": EMAIL, "phone": "phone", "card": "card"},
        "request": {
            "model": "masked",
            "messages": [
                {"role": "user", "content": "I am {{ email.raw }}, phone {{ phone.raw }}."},
                {"role": "assistant", "content": "Thanks, I have {{ email.raw }} on file."},
                {
                    "role": "user",
                    "content": "Add {{ colleague.raw }} to the account of {{ email.raw }}, charge {{ card.raw }}.",
                },
            ],
        },
        "response": {
            "content": "{{ colleague.masked }} may use the account of {{ email.masked }}; {{ card.masked }} charged, "
            "SMS to {{ phone.masked }}."
        },
    },
}
NAMES = sorted(TEMPLATES)
MASKED = ["email", "phone", "iban", "credit_card", "us_ssn", "national_id"]
CLEARANCE = {"max": "internal", "forbid": ["secret", "pci", "phi"], "mask": MASKED}


ROUTES = {
    "openai": {"protocol": "openai-chat", "path": "/v1/chat/completions"},
    "anthropic": {"protocol": "anthropic-messages", "path": "/v1/messages"},
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def capture(directory: Path) -> Iterator[str]:
    """canarywire's stand-in vendor."""
    port = free_port()
    command = [sys.executable, "-m", "canarywire", "serve", "--listen", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=directory)
    try:
        end = time.monotonic() + LONG
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(LONG)


@contextmanager
def with_key(own: Stack) -> Iterator[str]:
    """A door to the gateway that adds a key: canarywire sends none."""
    client = httpx.AsyncClient(timeout=LONG)
    key = own.keys["support"]

    async def forward(request: Request) -> StreamingResponse:
        headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
        asked = client.build_request("POST", own.url + request.url.path, content=await request.body(), headers=headers)
        answer = await client.send(asked, stream=True)
        back = {name: value for name, value in answer.headers.items() if name in {"content-type", "retry-after"}}
        return StreamingResponse(answer.aiter_raw(), answer.status_code, back)

    app = Starlette(routes=[Route("/{path:path}", forward, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", loop="asyncio"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        end = time.monotonic() + LONG
        while not server.started and time.monotonic() < end:
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(LONG)


def masking(own: Stack, vendor: str, *, kind: str = "openai", first: str = "") -> None:
    """Let a model be served by the capturing vendor alone, masked; ``first`` is a vendor that is asked before it."""
    price = {"input_per_mtok_usd": 1, "output_per_mtok_usd": 1}
    base = {
        "zone": "closed", "kind": kind, "model": "canarywire-test", "api_key_env": "OPENAI_API_KEY", "price": price,
        "context_window": 32768, "max_output_tokens": 1024, "clearance": CLEARANCE,
        "capabilities": ["tools"],
    }  # fmt: skip
    suffix = "/v1" if kind == "openai" else ""
    targets = [base | {"id": "vendor", "api_base": vendor + suffix}]
    targets += [base | {"id": "first", "api_base": first + suffix}] if first else []
    own.document["targets"] += targets
    own.document["models"].append({"name": "masked", "candidates": [one["id"] for one in targets]})
    order = [one["id"] for one in reversed(targets)]
    own.document["rules"].append({"kind": "prefer", "id": "first-first", "by": "order", "order": order})
    own.document["invariants"] = []  # the shipped ones say that cards never leave, masked or not


def attack(own: Stack, vendor: str, door: str, *, kind: str = "openai", **more: object) -> dict[str, object]:
    """Run canarywire; return its report."""
    out = own.directory / "out"
    config = {
        "seed": 7,
        "capture": {"url": vendor},
        "target": {"base_url": door, "routes": [ROUTES[kind]]},
        "templates": TEMPLATES,
        "generators": {
            "baseline": {"templates": NAMES},
            "fragmentation": {
                "templates": ["account", "colleagues"],
                "chunks": {"sizes": [1, 3]},
                "random_cuts": {"samples": 2, "max_cuts": 6},
            },
            "fault": {"templates": ["account"]},
        },
        "report": {"dir": str(out)},
    } | more
    file = own.directory / "canarywire.yaml"
    file.write_text(yaml.safe_dump(config))
    done = subprocess.run(
        [sys.executable, "-m", "canarywire", "run", "--config", str(file)],
        capture_output=True, text=True, timeout=300, check=False, cwd=own.directory,
    )  # fmt: skip
    report = json.loads((out / "report.json").read_text()) if (out / "report.json").exists() else {}
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return report


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Stack]:
    with stack(tmp_path) as made:
        yield made


@pytest.mark.parametrize("kind", ROUTES)
def test_the_boundary_holds(own, kind):
    with capture(own.directory) as vendor:
        masking(own, vendor, kind=kind)
        own.start()
        with with_key(own) as door:
            attack(own, vendor, door, kind=kind)
    assert b"kontor-12.de" not in own.everything_written()


def test_it_holds_when_every_request_fails_over_to_it_and_while_things_break(own):
    """The first vendor answers 500, so that each attack is a failover; it must not have seen a canary either."""
    own.openai.set_faults("status=500")
    with capture(own.directory) as vendor:
        masking(own, vendor, first=own.openai.url)
        own.start()
        broken = own.policies / "broken.yaml"
        faults = [
            {
                "name": "policy-broken",
                "before": f"echo 'targets: 7' > {broken} && sleep 2",
                "after": f"rm {broken} && sleep 2",
                "expect": ["refuse", "restore"],
            },
            {
                "name": "egress-killed",
                "before": f"kill -9 {own.pids('egress')[-1]}",
                "after": "sleep 3",
                "expect": ["refuse", "restore"],
            },
        ]
        with with_key(own) as door:
            attack(own, vendor, door, faults=faults)
    bodies = [str(request["body"]) for request in own.openai.requests()]
    assert any("MASKED_EMAIL_" in body for body in bodies)
    assert not any("kontor-12.de" in body for body in bodies)
