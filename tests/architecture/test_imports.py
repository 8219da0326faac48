"""What a process must never load, asked of a fresh interpreter."""

import subprocess
import sys

import pytest

HEAVY = {
    "gateway.bootstrap.edge": ["litellm", "openai", "fastapi", "opentelemetry", "aiohttp"],
    "gateway.bootstrap.ledger": ["litellm", "openai"],
    "gateway.bootstrap.serve": ["litellm", "openai", "fastapi", "opentelemetry"],
    "gateway.egress.app": ["litellm", "openai"],
    "gateway.cli.main": ["litellm", "openai", "fastapi", "opentelemetry", "pydantic", "uvicorn"],
}


@pytest.mark.parametrize("module", HEAVY)
def test_a_process_loads_only_what_is_its_own(module):
    code = f"import sys, {module}; print(' '.join(name for name in sys.modules if '.' not in name))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert [name for name in HEAVY[module] if name in loaded] == []
