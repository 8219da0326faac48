"""Work in a process of its own that ends with it: what it loads does not stay in the one that goes on for months."""

import os
from collections.abc import Callable
from contextlib import suppress


def apart(work: Callable[[], bytes]) -> bytes:
    """Return what ``work`` returns, done in a copy of this process; done here if there can be no copy, or it fails.

    Blocks. Only for a process without threads: a copy has but the one that makes it.

    Raises:
        Exception: whatever ``work`` raises.
    """
    reading, writing = os.pipe()
    try:
        copy = os.fork()
    except OSError:
        os.close(reading)
        os.close(writing)
        return work()
    if copy == 0:
        _answer_and_end(work, reading, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(copy, 0)
    return work() if status else answer


def _answer_and_end(work: Callable[[], bytes], reading: int, writing: int) -> None:
    """Be the copy: write what the work returns, and never come back."""
    status = 1
    with suppress(BaseException):  # nothing of this process may run on, whatever happens
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(work())
        status = 0
    os._exit(status)  # no handler, no buffer of the original
