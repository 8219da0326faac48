"""Sandboxes start and stop wherever they are wanted."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing

import anyio
import pytest

from gateway.sandbox import SandboxSettings, Vendor, running, running_in_thread, serve


@pytest.mark.anyio
async def test_a_sandbox_runs_in_the_loop_of_its_caller():
    async with running(Vendor.SGLANG, SandboxSettings(faults=("hang",))) as sandbox:
        async with await anyio.connect_tcp("127.0.0.1", sandbox.port) as stream:
            body = b'{"messages":[{"role":"user","content":"x"}]}'
            await stream.send(
                b"POST /v1/chat/completions HTTP/1.1\r\ncontent-type: application/json\r\n"
                b"content-length: %d\r\n\r\n%b" % (len(body), body)
            )
            await sandbox.until_open(1)
            open_now = sandbox.running, sandbox.waiting
        await sandbox.until_open(0)

    assert open_now == (1, 0)
    assert sandbox.running == 0


@pytest.mark.anyio
async def test_leaving_breaks_open_connections_off():
    async with running(Vendor.SGLANG, SandboxSettings(faults=("hang",))) as sandbox:
        stream = await anyio.connect_tcp("127.0.0.1", sandbox.port)
        body = b'{"max_tokens":9,"messages":[{"role":"user","content":"x"}]}'
        await stream.send(b"POST /v1/messages HTTP/1.1\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        await sandbox.until_open(1)

    async with stream:
        with pytest.raises((anyio.EndOfStream, anyio.BrokenResourceError)):
            await stream.receive()


def test_afterwards_connections_are_refused():
    with running_in_thread(Vendor.OPENAI) as sandbox, closing(socket.create_connection(("127.0.0.1", sandbox.port))):
        pass

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", sandbox.port))


def test_a_taken_port_is_an_error():
    with (
        running_in_thread(Vendor.OPENAI) as sandbox,
        pytest.raises(OSError, match="in use"),
        running_in_thread(Vendor.OPENAI, port=sandbox.port),
    ):
        pass


def test_two_sandboxes_have_two_addresses_and_share_nothing(start):
    first, second = start(), start()
    first.ask()

    assert first.sandbox.url != second.sandbox.url
    assert (len(first.sandbox.requests()), len(second.sandbox.requests())) == (1, 0)


def test_an_address_of_ipv6_stands_in_brackets():
    try:
        with running_in_thread(Vendor.OPENAI, host="::1") as sandbox:
            assert sandbox.url == f"http://[::1]:{sandbox.port}"
    except OSError:
        pytest.skip("no IPv6 here")


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_served_as_a_command_it_tells_its_address_and_stops_on_a_signal(stop):
    code = "from gateway.sandbox import Vendor, serve; serve(Vendor.ANTHROPIC)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    with process:
        line = process.stdout.readline()
        os.kill(process.pid, stop)

    assert line.startswith("sandbox anthropic listening on http://127.0.0.1:")
    assert process.returncode == 0


def test_the_address_can_be_reported_elsewhere(capsys):
    lines = []

    def stop_at_once(line: str) -> None:
        lines.append(line)
        signal.raise_signal(signal.SIGTERM)

    serve(Vendor.SGLANG, announce=stop_at_once)

    assert lines[0].startswith("sandbox sglang listening on http://127.0.0.1:")
    assert capsys.readouterr().out == ""
