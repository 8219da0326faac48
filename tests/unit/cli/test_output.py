"""People at a terminal get tables, pipes get JSON."""

import json
import sys

import click
import pytest
from click.testing import CliRunner

from gateway.cli.main import cli
from gateway.cli.output import print_json, print_table, resolve_format


@pytest.mark.parametrize(("terminal", "format_"), [(True, "table"), (False, "json")])
def test_the_format_follows_where_the_output_goes(monkeypatch, terminal, format_):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)

    assert resolve_format(None) == format_


@pytest.mark.parametrize("asked", ["json", "table", "csv"])
def test_an_asked_format_is_taken(asked):
    assert resolve_format(asked) == asked


def test_json_is_readable_and_whole(capsys):
    print_json({"b": ["ü", None], "a": 1})
    out = capsys.readouterr().out

    assert json.loads(out) == {"b": ["ü", None], "a": 1}
    assert out.startswith('{\n  "b"')


def test_a_table_sets_numbers_flush_right(capsys):
    print_table("Costs", ["team", "cost $", "calls #"], [["a", "1.5", "3"], ["bb", "10.5", "30"]])
    lines = capsys.readouterr().out.splitlines()

    assert lines[0].strip() == "Costs"
    assert any("calls" in line and "#" not in line for line in lines)
    assert any(" 1.5 " in line and "  3 " in line for line in lines)


def options_of(command, path=()):
    """Every ``--format`` of the command line, with the command's name."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from options_of(command.get_command(context, name), (*path, name))
    else:
        yield from ((" ".join(path), each) for each in command.params if "--format" in each.opts)


FORMATS = dict(options_of(cli))


def test_many_commands_have_a_format():
    assert len(FORMATS) > 15


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_knows_text_table_and_json(name):
    assert FORMATS[name].type.choices[:3] == ("table", "text", "json")


def test_text_is_another_word_for_table(tmp_path):
    asked = [
        CliRunner().invoke(cli, ["keys", "list", "--data-dir", str(tmp_path), "--format", form])
        for form in ("text", "table")
    ]

    assert asked[0].exit_code == 0
    assert asked[0].stdout == asked[1].stdout == "no key yet; make one with: gateway keys create --team TEAM\n"
