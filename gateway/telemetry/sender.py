"""Sends spans in the background: a bounded queue and one thread. Nothing that hands spans over ever waits."""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Self

_QUEUE: Final = "OTEL_BSP_MAX_QUEUE_SIZE"
_BATCH: Final = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"
_DELAY: Final = "OTEL_BSP_SCHEDULE_DELAY"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much waits and how long."""

    queue: int = 8192
    """Spans that wait at most: those of two large rounds."""
    batch: int = 512
    """Spans that are sent at once."""
    delay_s: float = 5.0
    """How long a span waits at most for others."""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """Return what OpenTelemetry's variables for batches say; what is not a number above 0 is ignored."""
        queue = _positive(environ.get(_QUEUE, ""), cls().queue)
        batch = min(_positive(environ.get(_BATCH, ""), cls().batch), queue)
        return cls(queue, batch, _positive(environ.get(_DELAY, ""), int(cls().delay_s * 1000)) / 1000)


def _positive(text: str, default: int) -> int:
    with suppress(ValueError):
        return int(text) if int(text) > 0 else default
    return default


class Sender:
    """Takes serialized spans. What does not fit into the queue, or is not taken at the other end, is counted."""

    def __init__(self, send: Callable[[Sequence[bytes]], bool], limits: Limits) -> None:
        """Take what sends a batch and returns whether it arrived; it runs in the thread and may wait."""
        self._send = send
        self._limits = limits
        self._queue: deque[bytes] = deque()
        self._change = threading.Condition()
        self._closing = False
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="otlp", daemon=True)
        self._thread.start()

    def put(self, spans: Sequence[bytes]) -> bool:
        """Queue spans; return whether they fit. Never waits for the network."""
        with self._change:
            if self._closing or len(self._queue) + len(spans) > self._limits.queue:
                self.dropped += len(spans)
                return False
            self._queue.extend(spans)
            if len(self._queue) >= self._limits.batch:
                self._change.notify()
        return True

    def close(self, seconds: float) -> None:
        """Send what is queued, for at most so long; what is left then is dropped."""
        with self._change:
            self._closing = True
            self._change.notify()
        self._thread.join(seconds)
        with self._change:
            self.dropped += len(self._queue)
            self._queue.clear()

    def _run(self) -> None:
        while batch := self._next():
            sent = False
            with suppress(Exception):  # a thread that died would send nothing any more
                sent = self._send(batch)
            if not sent:
                with self._change:
                    self.dropped += len(batch)

    def _next(self) -> list[bytes]:
        """Return the next batch, when it is large or old enough; empty at the end."""
        with self._change:
            while True:
                self._change.wait_for(self._is_due, self._limits.delay_s)
                if self._queue or self._closing:
                    break
            return [self._queue.popleft() for _ in range(min(self._limits.batch, len(self._queue)))]

    def _is_due(self) -> bool:
        return self._closing or len(self._queue) >= self._limits.batch
