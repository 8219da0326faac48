"""Lists of commands say what the commands say of themselves, without importing one."""

import subprocess
import sys

import click
import pytest

from gateway.cli.group import LazyGroup
from gateway.cli.main import cli


def groups() -> list[LazyGroup]:
    context = click.Context(cli)
    inner = [cli.get_command(context, name) for name in cli.lazy]
    return [cli, *(one for one in inner if isinstance(one, LazyGroup))]


ENTRIES = [pytest.param(group, name, id=f"{group.name} {name}") for group in groups() for name in group.lazy]


@pytest.mark.parametrize(("group", "name"), ENTRIES)
@pytest.mark.parametrize("width", [30, 60, 200])
def test_a_list_says_what_a_command_says_of_itself(group, name, width):
    command = group.get_command(click.Context(group), name)
    listed = click.Command(name, help=group.lazy[name].help)

    if group.lazy[name].help:
        assert listed.get_short_help_str(width) == command.get_short_help_str(width)
    else:
        assert command.hidden


def test_a_list_imports_none_of_its_commands():
    code = """
import sys
from click.testing import CliRunner
from gateway.cli.main import cli
for words in (["--help"], ["policy", "--help"], ["report", "--help"], ["ledger", "--help"]):
    assert CliRunner().invoke(cli, words).exit_code == 0
print(sorted(name for name in sys.modules if name.startswith("gateway.") and not name.startswith("gateway.cli")))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_command_of_a_group_s_own_is_listed_and_called():
    group = LazyGroup("g", lazy=cli.lazy)
    group.add_command(click.Command("own", help="Its own.", callback=lambda: None))
    context = click.Context(group)

    assert group.list_commands(context)[-1] == "own"
    assert group.get_command(context, "own").help == "Its own."
    assert "own" in group.get_help(context)
