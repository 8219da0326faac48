"""The sandbox command hands its options on and tells its mistakes in a line."""

import socket

import pytest
from click.testing import CliRunner

from gateway.cli import sandbox
from gateway.cli.sandbox import command
from gateway.sandbox import FAULT_NAMES, Vendor


@pytest.fixture
def served(monkeypatch):
    calls = []
    monkeypatch.setattr(
        sandbox, "serve", lambda vendor, settings, *, host, port: calls.append((vendor, settings, host, port))
    )
    return calls


def run(*arguments):
    return CliRunner().invoke(command, arguments)


@pytest.mark.parametrize("vendor", Vendor)
def test_it_stands_in_for_each_vendor_on_loopback_and_a_free_port(served, vendor):
    assert run("--vendor", vendor.value).exit_code == 0
    ((name, settings, host, port),) = served

    assert (name, host, port) == (vendor, "127.0.0.1", 0)
    assert (settings.latency, settings.faults) == (1.0, ())


def test_its_options_reach_it(served):
    run("--vendor", "openai", "--port", "9", "--latency", "0", "--api-key", "k", "--fault", "times=2", "--fault", "x")
    ((_, settings, _, port),) = served

    assert port == 9
    assert (settings.latency, settings.api_key, settings.faults) == (0.0, "k", ("times=2", "x"))


@pytest.mark.parametrize("arguments", [(), ("--vendor", "nobody"), ("--vendor", "openai", "--port", "x")])
def test_a_mistake_is_a_usage_error(served, arguments):
    assert run(*arguments).exit_code == 2
    assert served == []


def test_an_unknown_fault_is_a_usage_error():
    result = run("--vendor", "openai", "--fault", "unheard_of")

    assert result.exit_code == 2
    assert "unheard_of" in result.stderr


def test_a_port_in_use_is_reported_in_a_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("--vendor", "openai", "--port", str(taken.getsockname()[1]))

    assert result.exit_code == 1
    assert "cannot listen on 127.0.0.1" in result.stderr
    assert "Traceback" not in result.stderr


def test_help_names_every_fault():
    text = " ".join(run("--help").stdout.split())

    assert [name for name in FAULT_NAMES if name not in text] == []
