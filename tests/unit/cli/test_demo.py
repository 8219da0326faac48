"""The demo spends nothing unless asked, and shows a bound before it does."""

import re
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import demo
from gateway.cli.demo import LIVE_LIMIT_USD, command
from gateway.demo.live import LIVE_CALLS
from gateway.demo.run import DemoFailed


@pytest.fixture
def started(monkeypatch):
    """Notes how the demo was started; it then fails, so that nothing runs."""
    calls = []

    @contextmanager
    def running(directory: Path, *, sglang, live):
        calls.append((sglang, live))
        raise DemoFailed("there is no free port")
        yield

    monkeypatch.setattr(demo, "running", running)
    return calls


def run(*arguments, **more):
    return CliRunner().invoke(command, arguments, **more)


def test_it_uses_fakes_unless_configured_otherwise(started):
    run("--once")

    assert started == [(None, False)]


def test_a_demo_that_cannot_start_says_why_in_a_line(started):
    result = run("--once")

    assert result.exit_code == 1
    assert result.stderr == "Error: there is no free port\n"


def test_live_shows_its_bound_and_stops_at_a_no(started):
    result = run("--live", "--once", input="n\n")

    assert result.exit_code == 1
    assert started == []
    bound = re.search(rf"{LIVE_CALLS} calls to real vendors, .* cost at most \$(\d\.\d\d)", result.stdout)
    assert float(bound[1]) <= LIVE_LIMIT_USD


@pytest.mark.parametrize(("arguments", "typed"), [((), "y\n"), (("--yes",), "")])
def test_live_goes_on_after_a_yes(started, arguments, typed):
    run("--live", "--once", *arguments, input=typed)

    assert started == [(None, True)]


def test_live_never_goes_over_its_limit_even_after_a_yes(started, monkeypatch):
    monkeypatch.setattr(demo, "live_bound_usd", lambda traffic: LIVE_LIMIT_USD + 0.01)
    result = run("--live", "--once", "--yes")

    assert result.exit_code == 1
    assert "over the demo's limit of $0.50" in result.stderr
    assert started == []


def test_live_makes_few_calls_however_many_are_asked_for(started):
    result = run("--live", "--once", "--yes", "--calls", "5000")

    assert f"{LIVE_CALLS} calls to real vendors" in result.stdout


@pytest.mark.parametrize("number", ["0", "-1", "5001", "many"])
def test_a_number_of_calls_out_of_bounds_is_a_usage_error(started, number):
    assert run("--calls", number).exit_code == 2
    assert started == []
