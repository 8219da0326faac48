"""What an attempt used: as reported where it was reported, counted where it was not, and then marked as an estimate."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from msgspec.structs import replace

from gateway.domain.facts import Facts
from gateway.domain.usage import Usage
from gateway.wire.dialect import Answer, StreamReader

BYTES_PER_TOKEN: Final = 4
"""A common rule of thumb for text; only used where the upstream did not report."""


class _Stage(Enum):
    """How far the upstream came, as far as anyone can know."""

    UNSENT = auto()
    """Nothing reached it."""
    SENT = auto()
    """It may be working although it said nothing (time-out, hang-up while it was queued)."""
    ACCEPTED = auto()
    """It answered 200: it has read the prompt, whatever happens next."""
    REFUSED = auto()
    """It said that it did no work."""


@dataclass(slots=True)
class Meter:
    """Counts one attempt; :meth:`usage` sums it up at any moment. Times are seconds of the monotonic clock."""

    started: float
    reader: StreamReader | None = None
    answer: Answer | None = None
    first_content: float | None = None
    _stage: _Stage = _Stage.UNSENT

    def sent(self) -> None:
        """Note that the request is on its way."""
        self._stage = _Stage.SENT

    def accepted(self) -> None:
        """Note a 200."""
        self._stage = _Stage.ACCEPTED

    def refused(self) -> None:
        """Note a refusal: unless content came before, nothing was used. No later fault changes that."""
        if self.first_content is None:
            self._stage = _Stage.REFUSED

    def broken(self, *, sent: bool) -> None:
        """Note that the connection broke; ``sent`` is False if nothing can have reached the upstream."""
        if not sent and self._stage is _Stage.SENT:
            self._stage = _Stage.UNSENT

    @property
    def was_accepted(self) -> bool:
        """True once the upstream answered 200."""
        return self._stage is _Stage.ACCEPTED

    @property
    def finish(self) -> str:
        """The finish reason; empty if none was seen."""
        seen = self.reader or self.answer
        return seen.finish if seen else ""

    @property
    def ttft(self) -> float | None:
        """Seconds from the start to the first content; None if there was none."""
        return None if self.first_content is None else self.first_content - self.started

    def usage(self, facts: Facts, *, complete: bool) -> Usage:
        """Return what was used so far.

        Of a complete answer the report counts, an explicit zero too. Of a broken one the larger of report and count
        does, because the report that matters comes last.
        """
        reported = self.reader.usage if self.reader else self.answer.usage if self.answer else None
        if complete and reported is not None:
            return reported
        if self._stage in {_Stage.UNSENT, _Stage.REFUSED}:
            return Usage()
        counted = self._counted_output()
        if reported is None:
            return Usage(input_tokens=facts.input_tokens, output_tokens=counted, estimated=True)
        return replace(reported, output_tokens=max(reported.output_tokens, counted), estimated=True)

    def _counted_output(self) -> int:
        if self.reader is not None:
            return self.reader.content_events
        return -(-self.answer.content_bytes // BYTES_PER_TOKEN) if self.answer else 0
