"""Who hears of what happened in the edge: its metrics and its log."""

from gateway.telemetry.exchange import Exchange
from gateway.telemetry.logs import Log
from gateway.telemetry.metrics import EdgeMetrics


class Observers:
    """Hands each finished request to metrics and log."""

    def __init__(self, metrics: EdgeMetrics, log: Log) -> None:
        self._each = (metrics, log)

    def exchange(self, exchange: Exchange) -> None:
        """Note a finished request."""
        for observer in self._each:
            observer.exchange(exchange)

    def refused(self, dialect: str, code: str, team: str, decision: str) -> None:
        """Note a request that ended before it was decided."""
        for observer in self._each:
            observer.refused(dialect, code, team, decision)

    def mangled(self, team: str, target: str, count: int) -> None:
        """Note placeholders that no value could come back for."""
        for observer in self._each:
            observer.mangled(team, target, count)
