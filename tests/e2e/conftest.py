"""Fixtures of the end-to-end tests: one gateway a module, with clean upstreams for each test."""

from collections.abc import Generator

import httpx
import pytest
from support.stack import Stack, stack


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Generator[Stack]:
    with stack(tmp_path_factory.mktemp("gateway")) as made:
        yield made.start()


@pytest.fixture
def gateway(running: Stack) -> Stack:
    for sandbox in (running.sglang, running.anthropic, running.openai):
        httpx.post(sandbox.url + "/sandbox/reset")
    return running
