"""Passes each finished request to metrics and log."""

from gateway.telemetry.exchange import Exchange
from gateway.telemetry.logs import Log
from gateway.telemetry.metrics import EdgeMetrics


class Observers:
    """Hands each finished request to metrics and log."""

    def __init__(self, metrics: EdgeMetrics, log: Log) -> None:
        self._each = (metrics, log)

    def exchange(self, exchange: Exchange) -> None:
        """Pass on a finished request."""
        for observer in self._each:
            observer.exchange(exchange)

    def refused(self, dialect: str, code: str, team: str, decision: str) -> None:
        """Pass on a refusal."""
        for observer in self._each:
            observer.refused(dialect, code, team, decision)

    def mangled(self, team: str, target: str, count: int) -> None:
        """Pass on how many placeholders an answer spoiled."""
        for observer in self._each:
            observer.mangled(team, target, count)
