"""One finished request with all its records: what metrics, log line and spans are made of."""

from msgspec import Struct

from gateway.domain.records import AttemptStarted, DecisionMade, Finished, Settled


class Exchange(Struct, frozen=True):
    """A decision, its attempts with their settlements in order, and the end."""

    decision: DecisionMade
    attempts: tuple[tuple[AttemptStarted, Settled], ...]
    finished: Finished
