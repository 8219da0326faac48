"""Ends the demo at SIGTERM, SIGHUP and Ctrl-C alike: what it started is stopped and its directory is removed."""

import signal
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SIGNALLED: Final = 128
"""A shell reports ``128 + number`` for a process that a signal ended."""


class Ended(KeyboardInterrupt):
    """A signal asked the demo to end; ``status`` is the exit status of a demo that had not finished."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.status = _SIGNALLED + number


@contextmanager
def ending() -> Generator[None]:
    """Raise :class:`Ended` at the first signal, and ignore later ones, which would interrupt the clean-up.

    Signals that were ignored before stay ignored, as under ``nohup`` or in a script's background job.
    """
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def end(number: int, _: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Ended(number)

    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
