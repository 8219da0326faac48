"""The last record of a request, made in one place however the request ended."""

from collections.abc import Sequence

from gateway.domain.decision import Reason
from gateway.domain.money import ZERO
from gateway.domain.records import AttemptStarted, Finished, Settled
from gateway.domain.usage import Usage
from gateway.pipeline.case import Case
from gateway.pricing.cost import charge

CLIENT_CLOSED = 499
"""The status of a request whose client hung up."""
_SERVED = frozenset({"ok", "client_closed"})
LONGEST_USER_AGENT = 200


def finished_of(
    case: Case,
    settled: Sequence[tuple[AttemptStarted, Settled]],
    at_ns: int,
    *,
    status: int,
    error: str = "",
    reason: Reason | None = None,
    rule: str = "",
) -> Finished:
    """Return the end of a request.

    Args:
        case: the decided request.
        settled: its attempts, in order; none if it was refused.
        at_ns: now, Unix time in nanoseconds.
        status: what the client got.
        error: stable code; empty for a success.
        reason: why the target served that did; the decision's if left out.
        rule: the rule that says so; likewise.
    """
    request, decision, targets = case.request, case.decision, case.request.snapshot.targets
    last = settled[-1] if settled else None
    served = last[0] if last is not None and last[1].outcome in _SERVED else None
    usage, at = (last[1].usage, last[0].at) if last is not None else (Usage(), 0)
    dearest = max([charge(targets[ranked.target], at, usage)[0] for ranked in decision.ranked], default=ZERO)
    reference = targets.get(request.team.reference or "")
    return Finished(
        id=request.inbound.id,
        at=at_ns,
        status=status,
        error=error,
        target=served.target if served else "",
        zone=served.zone if served else "",
        reason=reason or decision.shown_reason or "",
        rule=rule or decision.rule,
        attempts=len(settled),
        cost=sum(one.cost for _, one in settled),
        dearest=dearest,
        reference=None if reference is None or not settled else charge(reference, at, usage)[0],
        reference_target=reference.id if reference else "",
        client_closed=status == CLIENT_CLOSED,
        user_agent=(request.inbound.headers.get("user-agent") or "")[:LONGEST_USER_AGENT],
    )
