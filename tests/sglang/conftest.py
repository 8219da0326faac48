"""One real SGLang server on the CPU and a gateway in front of it. `make test-sglang` makes its environment."""

import os
import socket
import subprocess
import time
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest
from support.stack import Stack, stack

START_S = 300
FLAGS = [
    *("--served-model-name", "tiny", "--device", "cpu", "--attention-backend", "torch_native"),
    *("--disable-overlap-schedule", "--disable-cuda-graph", "--max-total-tokens", "32768"),
    *("--grammar-backend", "xgrammar", "--enable-metrics", "--enable-cache-report", "--sleep-on-idle"),
    "--constrained-json-disable-any-whitespace",
    *("--load-snapshot-publish-interval", "1", "--host", "127.0.0.1"),
]
"""As shared/sglang-cpu found them; docs/sglang.md tells which of them a GPU host needs."""


@pytest.fixture(scope="session")
def engine(tmp_path_factory) -> Generator[str]:
    """The address of a running server."""
    running = os.environ.get("SGLANG_URL")
    if running:
        yield running
        return
    python, model = os.environ.get("SGLANG_PYTHON"), os.environ.get("TINY_MODEL")
    if not python or not model:
        pytest.fail("run these by `make test-sglang`, or name a running server by SGLANG_URL")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = os.environ | {
        "PYTHONPATH": str(Path(__file__).parent / "shim"),
        "SGLANG_USE_CPU_ENGINE": "1",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "SGLANG_CPU_OMP_THREADS_BIND": "0",
    }
    log = tmp_path_factory.mktemp("sglang") / "log"
    command = [python, "-m", "sglang.launch_server", "--model-path", model, *FLAGS, "--port", str(port)]
    server = subprocess.Popen(command, env=environ, stdout=log.open("wb"), stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(server, url, log)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(server: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if server.poll() is not None:
            pytest.fail(f"SGLang ended: {log.read_text(errors='replace')[-3000:]}")
        try:
            # /health generates a token, so the model is warm once it says 200.
            if (
                httpx.get(url + "/ready").status_code == 200
                and httpx.get(url + "/health", timeout=30).status_code == 200
            ):
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    pytest.fail(f"SGLang did not start in {START_S} s: {log.read_text(errors='replace')[-3000:]}")


def policy(engine: str) -> dict:
    """One server behind two targets: the local one, and one that plays a vendor's and is reached through the egress."""
    shared = {
        "model": "tiny",
        "context_window": 8192,
        "max_output_tokens": 2048,
        "capabilities": ["tools", "json_schema"],
    }
    return {
        "version": 1,
        "targets": [
            {
                **shared,
                "id": "home",
                "zone": "local",
                "kind": "sglang",
                "endpoints": [engine],
                "clearance": "restricted",
                "price": {"input_per_mtok_usd": 2, "cached_input_per_mtok_usd": 0.2, "output_per_mtok_usd": 4},
                "quality": {"default": 0.8},
            },
            {
                **shared,
                "id": "vendor",
                "zone": "closed",
                "kind": "openai",
                "api_base": engine + "/v1",
                "api_key_env": "OPENAI_API_KEY",
                "clearance": "internal",
                "price": {"input_per_mtok_usd": 1, "cached_input_per_mtok_usd": 0.1, "output_per_mtok_usd": 2},
                "quality": {"default": 0.9},
            },
        ],
        "models": [
            {"name": "auto", "candidates": ["home", "vendor"], "substitution": "free"},
            {"name": "home-only", "incumbent": "home", "substitution": "never"},
            {"name": "vendor-only", "incumbent": "vendor", "substitution": "never"},
        ],
        "teams": [
            {"id": team, "default_class": "internal", "reference": "vendor"} for team in ("support", "engineering")
        ]
        + [{"id": "legal", "default_class": "confidential"}, {"id": "data", "default_class": "internal"}],
        "rules": [{"kind": "prefer", "by": "cost"}],
    }


@pytest.fixture(scope="session")
def gateway(engine, tmp_path_factory) -> Generator[Stack]:
    with stack(tmp_path_factory.mktemp("gateway")) as made:
        made.document = policy(engine)
        made.settings["timeouts"] = {"first_token": 60, "idle": 60, "total": 120, "connect": 5}
        yield made.start()
