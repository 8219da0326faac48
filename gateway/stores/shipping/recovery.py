"""Recovery: settles at a start what a killed gateway left open, so that no attempt stays open and no cost is lost."""

from dataclasses import dataclass
from typing import Any, Final

from gateway.domain.money import from_usd
from gateway.domain.records import AttemptStarted, Finished, Record, Settled
from gateway.domain.usage import Usage
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.reader import LedgerReader
from gateway.stores.spool.reader import live_instances
from gateway.stores.spool.writer import SpoolWriter

ORPHANED: Final = "orphaned"
STATUS: Final = 499
"""Nobody knows what the client saw; this is what it got if it saw no end."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found at a start."""

    orphans: tuple[str, ...]
    """Ids of the attempts that were settled at their hold; their holds in a shared state carry the same ids."""
    requests_finished: int

    @property
    def orphans_settled(self) -> int:
        """Return how many attempts were settled."""
        return len(self.orphans)


def recover(data_dir: DataDir, spool: SpoolWriter, now_ns: int) -> Recovered:
    """Settle what earlier instances left open at its hold.

    Call it before the first request, and ``commit`` the spool afterwards. May be repeated: what is settled already,
    also by a start that died half-way, is not settled again. Requests of an instance that still writes are its own.

    Raises:
        LedgerUnavailable: the ledger cannot be read, or the spool cannot be written.
    """
    live = live_instances(data_dir.spool)
    with LedgerReader(data_dir).view() as view:
        # Asked before and after reading: one that was born meanwhile is as alive as one that is about to die.
        live |= live_instances(data_dir.spool)
        requests = view.unfinished()
        running = {request["id"] for request in requests if request["instance"] in live}
        unfinished = [request for request in requests if request["id"] not in running]
        orphans = [attempt for attempt in view.orphans() if attempt.decision not in running]
    for attempt in orphans:
        spool.append(_settlement(attempt, now_ns))
    for request in unfinished:
        spool.append(_end(request, now_ns))
    return Recovered(tuple(attempt.id for attempt in orphans), len(unfinished))


def _settlement(attempt: AttemptStarted, now_ns: int) -> Record:
    return Settled(
        id=attempt.id,
        decision=attempt.decision,
        at=now_ns,
        outcome=ORPHANED,
        status=0,
        usage=Usage(estimated=True),
        cost=attempt.hold,
    )


def _end(request: dict[str, Any], now_ns: int) -> Record:
    """Return the end of a request; its cost already counts open attempts at their hold."""
    served = [one for one in request["attempt_list"] if one["outcome"] in {"ok", "client_closed"}]
    cost = int(from_usd(request["cost_usd"]))
    return Finished(
        id=request["id"],
        at=now_ns,
        status=STATUS,
        error=ORPHANED,
        target=served[-1]["target"] if served else "",
        zone=served[-1]["zone"] if served else "",
        reason=request["reason"] or "",
        rule=request["rule"] or "",
        attempts=request["attempts"],
        cost=cost,
        dearest=cost,
        reference=None,
        reference_target="",
    )
