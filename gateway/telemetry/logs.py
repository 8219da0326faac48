"""One structured line a request on standard error, as JSON; never content, never a key."""

import asyncio
import atexit
import logging
import select
import sys
import threading
import time
from typing import Any, Final, TextIO

import orjson

from gateway.domain.money import usd_text
from gateway.telemetry.exchange import Exchange
from gateway.telemetry.unexpected import leaf, where

BATCH_S: Final = 0.02
"""How long the line of a request waits at most for others."""
PIECE_BYTES: Final = select.PIPE_BUF


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
    """Writes events of one process, one JSON object a line.

    The lines of requests, of which there may be hundreds a second, are written together, within :data:`BATCH_S`; every
    other event is written at once, behind those that wait. May be used from several threads.
    """

    def __init__(self, process: str, out: TextIO | None = None) -> None:
        self._process = process
        self._out = out or sys.stderr
        self._waiting: list[bytes] = []
        self._size = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        """The event loop that will write what waits."""
        self._second = (0, "")
        self._lock = threading.RLock()  # what is written to may log, too

    def event(self, name: str, /, level: str = "info", **fields: Any) -> None:
        """Write one event."""
        line = self._line({"time": self._now(), "level": level, "process": self._process, "event": name, **fields})
        with self._lock:
            self._add(line)
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        with self._lock:
            lines, self._waiting, self._size = self._waiting, [], 0
            _waiting.discard(self)
            try:
                if lines:
                    self._out.write(b"".join(lines).decode())
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
        facts = decision.facts
        self._soon(
            {
                "time": self._now(),
                "level": "info",
                "process": self._process,
                "event": "request",
                "id": finished.id,
                "trace": decision.trace.trace,
                "team": decision.team,
                "key": decision.key,
                "model": facts["model"],
                "dialect": facts["dialect"],
                "data_class": facts["label"]["data_class"],
                "target": finished.target or None,
                "zone": finished.zone or None,
                "reason": finished.reason,
                "rule": finished.rule,
                "status": finished.status,
                "error": finished.error or None,
                "attempts": finished.attempts,
                "input_tokens": usage.input_tokens if usage else 0,
                "cached_tokens": usage.cached_input_tokens if usage else 0,
                "output_tokens": usage.output_tokens if usage else 0,
                "cost_usd": usd_text(finished.cost),
                "ms": round((finished.at - decision.at) / 1e6, 1),
                "policy": decision.policy,
            }
        )

    def refused(self, dialect: str, code: str, team: str, decision: str) -> None:
        """Write the line of a request that ended before it was decided."""
        head = {"time": self._now(), "level": "info", "process": self._process, "event": "refused"}
        self._soon({**head, "id": decision, "team": team or None, "dialect": dialect, "code": code})

    def mangled(self, team: str, target: str, count: int) -> None:
        """Write the line of an answer in which placeholders were mangled."""
        self.event("placeholders_mangled", "warning", team=team, target=target, count=count)

    def _soon(self, event: dict[str, Any]) -> None:
        """Write an event within :data:`BATCH_S`; at once if no event loop runs here."""
        line = self._line(event)
        with self._lock:
            self._add(line)
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                self.flush()
                return
            _waiting.add(self)
            if self._loop is not loop:
                self._loop = loop
                loop.call_later(BATCH_S, self._over)

    def _over(self) -> None:
        self._loop = None
        self.flush()

    def _add(self, line: bytes) -> None:
        """Let a line wait; what waits never exceeds what a pipe takes in one piece, so that processes may share one."""
        if self._size + len(line) > PIECE_BYTES:
            self.flush()
        self._waiting.append(line)
        self._size += len(line)

    def _now(self) -> str:
        second, part = divmod(time.time_ns() // 1_000_000, 1000)
        known, text = self._second
        if second != known:
            text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
            self._second = (second, text)
        return f"{text}.{part:03d}+00:00"

    @staticmethod
    def _line(event: dict[str, Any]) -> bytes:
        return orjson.dumps(event, default=str, option=orjson.OPT_APPEND_NEWLINE)


_waiting: Final[set[Log]] = set()
"""Logs with lines that wait."""


@atexit.register
def _flush_all() -> None:
    """Write what waits at the end of the process, also of one that crashed."""
    for log in list(_waiting):
        log.flush()
