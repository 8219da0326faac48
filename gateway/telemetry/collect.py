"""Puts the records of one request together again as they come from the spool."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from gateway.domain.records import AttemptStarted, DecisionMade, Finished, Record, Settled
from gateway.telemetry.exchange import Exchange

MOST_OPEN: Final = 100_000
"""Requests under way at once that are remembered; beyond it the oldest lose their trace, never their booking."""


@dataclass(slots=True)
class _Open:
    decision: DecisionMade | None = None
    started: dict[str, AttemptStarted] = field(default_factory=dict)
    settled: dict[str, Settled] = field(default_factory=dict)


class Collector:
    """Feed records in the order of the spool, get finished requests."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}

    def feed(self, records: Iterable[Record]) -> Iterator[Exchange]:
        """Yield each request whose last record came."""
        for record in records:
            if isinstance(record, DecisionMade):
                self._of(record.id).decision = record
            elif isinstance(record, AttemptStarted):
                self._of(record.decision).started[record.id] = record
            elif isinstance(record, Settled):
                self._of(record.decision).settled[record.id] = record
            elif isinstance(record, Finished):
                finished = self._finish(record)
                if finished is not None:
                    yield finished

    def _of(self, decision: str) -> _Open:
        found = self._open.get(decision)
        if found is None:
            if len(self._open) >= MOST_OPEN:
                self._open.pop(next(iter(self._open)))
            found = self._open[decision] = _Open()
        return found

    def _finish(self, finished: Finished) -> Exchange | None:
        seen = self._open.pop(finished.id, None)
        if seen is None or seen.decision is None:
            return None
        pairs = tuple(
            (started, seen.settled[started.id])
            for started in sorted(seen.started.values(), key=lambda each: each.number)
            if started.id in seen.settled
        )
        return Exchange(seen.decision, pairs, finished)
