"""The command line names what the contract names, and imports a command only when it is called."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from gateway.cli.main import COMMANDS, cli

PEOPLE = [
    *(
        "demo",
        "serve",
        "policy",
        "report",
        "decisions",
        "sessions",
        "keys",
        "tokens",
        "audit",
        "sensitivity",
        "ledger",
        "egress",
    ),
    "sandbox",
]


def run(*arguments):
    return CliRunner().invoke(cli, arguments)


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_every_command_of_the_contract_and_not_the_supervisor_s_own(flag):
    result = run(flag)
    listed = [line.split()[0] for line in result.stdout.partition("Commands:")[2].splitlines() if line.strip()]

    assert result.exit_code == 0
    assert [name for name in listed if name in COMMANDS] == PEOPLE
    assert "child" not in listed


@pytest.mark.parametrize("name", PEOPLE)
def test_every_command_takes_help_and_says_what_it_does(name):
    result = run(name, "--help")

    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: cli {name}")
    assert len(result.stdout.splitlines()[2]) > 10


@pytest.mark.parametrize(
    ("group", "commands"),
    [
        ("policy", ["check", "test", "explain", "schema", "diff", "backtest"]),
        ("report", ["costs"]),
        ("decisions", ["list", "show", "replay"]),
        ("keys", ["create", "list", "revoke"]),
        ("ledger", ["verify"]),
    ],
)
def test_every_subcommand_of_the_contract_is_there(group, commands):
    for command in commands:
        assert run(group, command, "--help").exit_code == 0


def test_an_unknown_command_is_a_usage_error():
    result = run("serv")

    assert result.exit_code == 2
    assert "No such command 'serv'" in result.stderr


def test_the_version_is_shown():
    assert run("--version").stdout.startswith("gateway, version ")


def test_help_imports_no_child_and_no_vendor_library():
    code = """
import sys
from click.testing import CliRunner
from gateway.cli.main import cli
CliRunner().invoke(cli, ["keys", "--help"])
print([name for name in ("litellm", "aiohttp", "fastapi", "opentelemetry", "gateway.bootstrap") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
