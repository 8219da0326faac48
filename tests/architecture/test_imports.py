"""What a process must never load, asked of a fresh interpreter."""

import subprocess
import sys

import pytest

from gateway.settings import default_policies

ALL_HEAVY = ["aiohttp", "fastapi", "grpc", "litellm", "openai", "opentelemetry", "psycopg", "redis", "starlette"]
HEAVY = {
    "gateway.bootstrap.edge": [*ALL_HEAVY, "yaml", "re2"],
    "gateway.bootstrap.ledger": [*ALL_HEAVY, "cel_expr_python", "hyperscan", "yaml"],
    "gateway.bootstrap.serve": [*ALL_HEAVY, "cel_expr_python", "hyperscan", "prometheus_client", "uvicorn", "yaml"],
    "gateway.bootstrap.egress": ["litellm", "openai", "fastapi", "opentelemetry", "yaml", "re2"],
    "gateway.egress.app": ["litellm", "openai"],
    "gateway.cli.main": [*ALL_HEAVY, "pydantic", "uvicorn", "yaml"],
}
COMMANDS = {
    "--help": ["pydantic", "orjson"],
    "keys list --data-dir {data}": ["asyncio", "cel_expr_python", "yaml"],
    "tokens list --data-dir {data}": ["asyncio", "cel_expr_python", "yaml"],
    "decisions list --data-dir {data}": ["asyncio", "cel_expr_python", "yaml"],
    "report costs --data-dir {data}": ["asyncio", "cel_expr_python", "yaml"],
    "audit list --data-dir {data}": ["asyncio", "cel_expr_python", "yaml"],
    "policy check --policies {policies}": ["sqlite3", "asyncio"],
    "policy schema": ["sqlite3", "asyncio"],
}
"""Command in a pipe → what it must not import beside the heavy ones."""


@pytest.mark.parametrize("module", HEAVY)
def test_a_process_loads_only_what_is_its_own(module):
    code = f"import sys, {module}; print(' '.join(name for name in sys.modules if '.' not in name))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert [name for name in HEAVY[module] if name in loaded] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_imports_only_what_it_needs(command, tmp_path):
    chains = tmp_path / "data" / "egress"
    chains.mkdir(parents=True)
    (chains / "egr_1.chain").touch()  # a ledger is there, with nothing in it
    words = command.format(data=tmp_path / "data", policies=default_policies().resolve()).split()
    run = [sys.executable, "-X", "importtime", "-m", "gateway", *words]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=tmp_path)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}

    assert "click" in loaded
    assert loaded & {*ALL_HEAVY, "hyperscan", "re2", "rich", "uvicorn", *COMMANDS[command]} == set()


def test_the_children_compile_no_policy_in_their_own_process():
    """What only a compilation needs is loaded by a copy of the process that ends."""
    code = "import sys, gateway.bootstrap.egress, gateway.bootstrap.edge; print(' '.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert [
        name for name in loaded if name.startswith(("gateway.policy.document", "gateway.policy.load.compile"))
    ] == []
