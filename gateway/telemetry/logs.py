"""One structured line a request on standard error, as JSON; never content, never a key."""

import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson

from gateway.domain.money import usd_text
from gateway.telemetry.exchange import Exchange
from gateway.telemetry.unexpected import leaf, where


class LibraryLogs(logging.Handler):
    """Writes what libraries log as events: which logger, where, and the kind of error; never a message or a traceback.

    Without a handler Python prints both to standard error, and either may quote what the process was working on.
    """

    def __init__(self, log: "Log") -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one event."""
        error = record.exc_info[1] if record.exc_info else None
        more = {} if error is None else {"kind": type(leaf(error)).__name__, "raised": where(leaf(error))}
        level = "warning" if record.levelno < logging.ERROR else "error"
        place = f"{record.module}:{record.lineno}"
        self._log.event("library_log", level, logger=record.name, where=place, **more)

    @classmethod
    def take_over(cls, log: "Log") -> None:
        """Let the process's libraries log to nothing else."""
        logging.basicConfig(handlers=[cls(log)], level=logging.WARNING, force=True)


class Log:
    """Writes events of one process, one JSON object a line."""

    def __init__(self, process: str, out: TextIO | None = None) -> None:
        self._process = process
        self._out = out or sys.stderr

    def event(self, name: str, /, level: str = "info", **fields: Any) -> None:
        """Write one event."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = orjson.dumps(
            {"time": at, "level": level, "process": self._process, "event": name, **fields}, default=str
        )
        try:
            self._out.write(line.decode() + "\n")
            self._out.flush()
        except (OSError, ValueError):
            return  # who reads the log has gone: no reason to fail a request

    def exchange(self, exchange: Exchange) -> None:
        """Write the line of a finished request."""
        decision, finished = exchange.decision, exchange.finished
        usage = exchange.attempts[-1][1].usage if exchange.attempts else None
        for started, settled in exchange.attempts:
            if settled.outcome == "upstream_credentials":
                self.event("credentials_refused", "error", target=started.target, status=settled.status)
        self.event(
            "request",
            id=finished.id,
            trace=decision.trace.trace,
            team=decision.team,
            key=decision.key,
            model=decision.facts["model"],
            dialect=decision.facts["dialect"],
            data_class=decision.facts["label"]["data_class"],
            target=finished.target or None,
            zone=finished.zone or None,
            reason=finished.reason,
            rule=finished.rule,
            status=finished.status,
            error=finished.error or None,
            attempts=finished.attempts,
            input_tokens=usage.input_tokens if usage else 0,
            cached_tokens=usage.cached_input_tokens if usage else 0,
            output_tokens=usage.output_tokens if usage else 0,
            cost_usd=usd_text(finished.cost),
            ms=round((finished.at - decision.at) / 1e6, 1),
            policy=decision.policy,
        )

    def refused(self, dialect: str, code: str, team: str, decision: str) -> None:
        """Write the line of a request that ended before it was decided."""
        self.event("refused", id=decision, team=team or None, dialect=dialect, code=code)

    def mangled(self, team: str, target: str, count: int) -> None:
        """Write the line of an answer in which placeholders were mangled."""
        self.event("placeholders_mangled", "warning", team=team, target=target, count=count)
