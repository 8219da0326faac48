"""What an attempt used: as reported where it was reported, counted where it was not, and then marked as an estimate."""

from dataclasses import dataclass, replace
from typing import Final

from gateway.domain.facts import Facts
from gateway.domain.usage import Usage
from gateway.wire.dialect import Answer, StreamReader

BYTES_PER_TOKEN: Final = 4
"""A common rule of thumb for text; only used where the upstream did not report."""


@dataclass(slots=True)
class Meter:
    """Counts one attempt. The pipeline sets what it sees; :meth:`usage` sums it up at any moment."""

    started: float
    reader: StreamReader | None = None
    answer: Answer | None = None
    first_content: float | None = None
    accepted: bool = False
    """True once the upstream answered 200: it has read the prompt, whatever happens next."""
    may_have_run: bool = False
    """True if the upstream may be working although it said nothing (time-out, hang-up while it was queued)."""

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
        if not (self.accepted or self.may_have_run):
            return Usage()
        counted = self._counted_output()
        if reported is None:
            return Usage(input_tokens=facts.input_tokens, output_tokens=counted, estimated=True)
        return replace(reported, output_tokens=max(reported.output_tokens, counted), estimated=True)

    def _counted_output(self) -> int:
        if self.reader is not None:
            return self.reader.content_events
        return -(-self.answer.content_bytes // BYTES_PER_TOKEN) if self.answer else 0
