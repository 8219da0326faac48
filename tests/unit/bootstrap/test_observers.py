"""Metrics and log hear the same."""

from gateway.bootstrap.observers import Observers


class Listener:
    def __init__(self) -> None:
        self.heard: list[tuple] = []

    def exchange(self, exchange) -> None:
        self.heard.append(("exchange", exchange))

    def refused(self, *what) -> None:
        self.heard.append(("refused", *what))

    def mangled(self, *what) -> None:
        self.heard.append(("mangled", *what))


def test_both_hear_everything_in_order():
    metrics, log = Listener(), Listener()
    observers = Observers(metrics, log)
    observers.refused("openai.chat", "not_authenticated", "", "dec_1")
    observers.exchange("one")
    observers.mangled("t", "home", 2)
    assert metrics.heard == log.heard
    assert metrics.heard == [
        ("refused", "openai.chat", "not_authenticated", "", "dec_1"),
        ("exchange", "one"),
        ("mangled", "t", "home", 2),
    ]
