"""How an attempt ended: one value, from which follow what the board learns, what is booked and whether to go on."""

from msgspec import Struct

from gateway.failover.breaker import Verdict
from gateway.failover.plan import Failure
from gateway.pipeline.failures import AttemptFailed


class Served(Struct, frozen=True):
    """The client has the whole answer, and it is booked."""


class FailedEarly(Struct, frozen=True):
    """Nothing reached the client: another target may be tried."""

    failed: AttemptFailed


class FailedLate(Struct, frozen=True):
    """The answer had begun: the client got an error event in its own dialect; there is no failover."""

    error: str
    """Stable error code."""
    by_server: bool = True
    """The server broke it off; False where our own total time was over while it still answered."""


class Aborted(Struct, frozen=True):
    """The attempt was cut short from our side: the client hung up, or the gateway failed."""

    heard: bool = False
    """Content had come."""


Outcome = Served | FailedEarly | FailedLate | Aborted


def verdict(outcome: Outcome) -> Verdict:
    """Return what an outcome says of the endpoint.

    A client that hangs up on a silent server has not proved it healthy; the egress's refusal or end says nothing of
    the vendor behind it, nor does a model that it does not have; a request that is wrong is answered by a healthy
    server. A server that breaks answers off is not healthy.
    """
    match outcome:
        case FailedEarly(failed):
            if failed.failure in {Failure.EGRESS, Failure.LOST, Failure.DECLINED}:
                return Verdict.UNKNOWN
            return Verdict.HEALTHY if failed.failure is Failure.CALLER else Verdict.FAILED
        case Aborted(heard):
            return Verdict.HEALTHY if heard else Verdict.UNKNOWN
        case FailedLate(_, by_server):
            return Verdict.FAILED if by_server else Verdict.HEALTHY
        case Served():
            return Verdict.HEALTHY
