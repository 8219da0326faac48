"""What a child is handed, the keys it signs with, and the lifeline whose end is its own."""

import os
import signal
import threading

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bootstrap.child import HANDED_KEY_ID, KEY_BYTES, Handed, SystemClock, stop_signal, ticket_keys
from gateway.ticket.claims import TicketKey

descriptors = st.none() | st.integers(0, 1023)
HEX = "ab" * KEY_BYTES


@given(st.builds(Handed, st.text(st.characters(codec="utf-8"), max_size=20), descriptors, descriptors, descriptors))
def test_what_is_handed_survives_the_command_line(handed):
    assert Handed.decode(handed.encode()) == handed


def test_the_place_of_the_key_is_the_one_that_the_supervisor_fills_in():
    assert '"key":null' in Handed("run").encode()
    assert Handed.decode(Handed("run").encode().replace('"key":null', '"key":7')).key == 7


def test_sockets_stand_in_the_private_directory():
    handed = Handed("run")

    assert (str(handed.edge_socket), str(handed.egress_socket)) == ("run/edge.sock", "run/egress.sock")


def test_a_key_by_descriptor_is_read_once_and_its_descriptor_closed():
    reading, writing = os.pipe()
    os.write(writing, b"k" * KEY_BYTES)
    os.close(writing)

    assert ticket_keys(Handed("run", key=reading), None) == (TicketKey(HANDED_KEY_ID, b"k" * KEY_BYTES),)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(reading)


def test_a_key_by_descriptor_comes_before_a_file(tmp_path):
    reading, writing = os.pipe()
    os.write(writing, b"k" * KEY_BYTES)
    os.close(writing)

    assert ticket_keys(Handed("run", key=reading), tmp_path / "gone")[0].id == HANDED_KEY_ID


def from_file(tmp_path, text: str | bytes):
    path = tmp_path / "keys"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return ticket_keys(Handed("run"), path)


def test_a_key_file_gives_its_keys_in_order_so_that_they_can_be_rotated(tmp_path):
    keys = from_file(tmp_path, f"new:{HEX}\n\n  old:{'cd' * 40}\r\n")

    assert [key.id for key in keys] == ["new", "old"]
    assert keys[0].secret == bytes.fromhex(HEX)
    assert len(keys[1].secret) == 40


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        HEX,
        f":{HEX}",
        f"a.b:{HEX}",
        f"new:{HEX[:-2]}",
        f"new:{HEX[:-1]}x",
        f"new:{HEX}a",
        f"new:{HEX}\nold",
        "new: " + HEX,
        f"new:{HEX}ü".encode(),
        b"\xff",
    ],
)
def test_a_bad_key_file_is_refused_without_a_word_of_it(tmp_path, text):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 -- some words are Python's own
        from_file(tmp_path, text)

    assert HEX[:8] not in str(caught.value)


def test_without_descriptor_and_file_there_is_no_key():
    with pytest.raises(ValueError, match="split roles need a ticket key"):
        ticket_keys(Handed("run"), None)


def test_a_key_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(OSError, match="gone"):
        ticket_keys(Handed("run"), tmp_path / "gone")


@pytest.fixture
def lifeline():
    reading, writing = os.pipe()
    ends = {"writing": writing}

    def cut():
        if ends:
            os.close(ends.pop("writing"))

    yield reading, writing, cut
    cut()
    for thread in threading.enumerate():
        if thread.name == "lifeline":
            thread.join(10)
    os.close(reading)


@pytest.mark.anyio
async def test_the_end_of_the_lifeline_is_a_stop(lifeline):
    reading, writing, cut = lifeline
    async with stop_signal(reading) as stop:
        os.write(writing, b"still here")
        await anyio.lowlevel.checkpoint()
        assert not stop.is_set()
        cut()
        with anyio.fail_after(10):
            await stop.wait()


@pytest.mark.anyio
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_is_a_stop_and_the_old_handler_comes_back(number):
    async with stop_signal(None) as stop:
        signal.raise_signal(number)
        with anyio.fail_after(10):
            await stop.wait()

    assert signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}


def test_a_lifeline_that_ends_after_the_loop_disturbs_nobody(lifeline):
    reading, _, cut = lifeline

    async def briefly():
        async with stop_signal(reading) as stop:
            assert not stop.is_set()

    anyio.run(briefly)
    cut()
    (thread,) = [each for each in threading.enumerate() if each.name == "lifeline"] or [None]
    if thread is not None:
        thread.join(10)
        assert not thread.is_alive()


def test_the_machine_s_clock_counts_forward():
    clock = SystemClock()

    assert clock.monotonic() <= clock.monotonic()
    assert clock.wall_ns() > 1_700_000_000 * 10**9
