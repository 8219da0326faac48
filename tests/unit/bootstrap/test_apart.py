"""Work in a copy of the process: its answer comes back, and nothing that it loaded or changed."""

import os

import pytest

from gateway.bootstrap import apart as module
from gateway.bootstrap.apart import apart

LOADED: list[int] = []


def test_the_answer_of_another_process_comes_back():
    def work():
        LOADED.append(1)
        return str(os.getpid()).encode() + b" " * 300_000  # more than a pipe holds

    assert int(apart(work)) != os.getpid()
    assert LOADED == []


def test_work_that_fails_in_the_copy_is_done_here_so_that_its_error_is_seen():
    here = os.getpid()

    def work():
        raise ValueError(os.getpid() == here)

    with pytest.raises(ValueError, match="True"):
        apart(work)


def test_a_copy_that_is_killed_is_made_up_for_here():
    here = os.getpid()

    def work():
        if os.getpid() != here:
            os.kill(os.getpid(), 9)
        return b"whole"

    assert apart(work) == b"whole"


def test_without_room_for_a_copy_it_is_done_here(monkeypatch):
    def full():
        raise BlockingIOError

    monkeypatch.setattr(module.os, "fork", full)

    assert apart(lambda: str(os.getpid()).encode()) == str(os.getpid()).encode()
