"""The first signal ends the demo; later ones do not interrupt its clean-up."""

import os
import signal

import pytest

from gateway.demo.ending import SIGNALS, Ended, ending


@pytest.fixture(autouse=True)
def as_before():
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:  # a script's background job ignores Ctrl-C
        signal.signal(number, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_raised_with_the_exit_status_that_a_shell_reports(number):
    with pytest.raises(Ended) as raised, ending():
        os.kill(os.getpid(), number)

    assert raised.value.status == 128 + number


def test_a_second_signal_does_not_interrupt_the_clean_up():
    cleaned = []

    def run():
        with ending():
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            finally:
                os.kill(os.getpid(), signal.SIGINT)
                os.kill(os.getpid(), signal.SIGHUP)
                cleaned.append(True)

    with pytest.raises(Ended, match="SIGTERM"):
        run()

    assert cleaned == [True]


def test_a_signal_that_was_ignored_stays_ignored():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with ending():
        os.kill(os.getpid(), signal.SIGHUP)

    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_the_handlers_of_before_are_back_afterwards():
    before = [signal.getsignal(number) for number in SIGNALS]

    with ending():
        assert [signal.getsignal(number) for number in SIGNALS] != before

    assert [signal.getsignal(number) for number in SIGNALS] == before
