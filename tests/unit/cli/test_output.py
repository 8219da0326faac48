"""People at a terminal get tables, pipes get JSON."""

import json
import sys

import pytest

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
