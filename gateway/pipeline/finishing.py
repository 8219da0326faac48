"""The last records of an attempt and of a request, made in one place however they ended."""

from collections.abc import Sequence

from msgspec.structs import replace

from gateway.domain.decision import Reason
from gateway.domain.money import ZERO, Nanos
from gateway.domain.records import UNKNOWN, AttemptStarted, Finished, Settled
from gateway.domain.target import Target
from gateway.domain.usage import Usage
from gateway.estimation.cost import is_bounded
from gateway.estimation.typical import input_held
from gateway.pipeline.case import Case
from gateway.pipeline.meter import Meter
from gateway.ports import Clock
from gateway.pricing.cost import charge, cost, discount, parts

CLIENT_CLOSED = 499
"""The status of a request whose client hung up."""
_SERVED = frozenset({"ok", "client_closed"})
LONGEST_USER_AGENT = 200


def settled_of(
    case: Case,
    started: AttemptStarted,
    meter: Meter,
    clock: Clock,
    outcome: str,
    status: int,
    response: tuple[str, str],
) -> Settled:
    """Return what an attempt is charged.

    If nobody knows whether the vendor has it, that is the input that its hold was made for and what was seen of the
    output; the whole hold where that has no bound.

    Args:
        case: the decided request.
        started: the attempt.
        meter: what it used.
        clock: of the record.
        outcome: how it ended, see :class:`~gateway.domain.records.Settled`.
        status: the upstream's.
        response: the upstream's own model name and response id.
    """
    usage = meter.usage(case.facts, complete=outcome == "ok")
    target = case.snapshot.targets[started.target]
    at_hold = False
    if outcome == UNKNOWN:
        at_hold = not is_bounded(case.facts)
        held = input_held(target, case.facts, started.hold)
        usage = Usage(estimated=True) if at_hold else replace(usage, input_tokens=held, estimated=True)
    price = target.charge(started.at, usage.input_tokens, usage.service_tier)
    amount = Nanos(started.hold) if at_hold else cost(price, usage)
    return Settled(
        id=started.id,
        decision=started.decision,
        at=clock.wall_ns(),
        outcome=outcome,
        status=status,
        usage=usage,
        cost=amount,
        finish=meter.finish,
        ttft=None if meter.ttft is None else int(meter.ttft * 1e9),
        duration=int((clock.monotonic() - meter.started) * 1e9),
        response_model=response[0],
        response_id=response[1],
        price_source=price.source,
        parts=None if at_hold else parts(price, usage),
        discount=0 if at_hold else discount(target, started.at, usage, amount),
    )


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
    reference = targets.get(request.team.reference or "")
    known = {} if last is None else {last[0].target: last[1].cost}

    def price(target: Target) -> int:
        found = known.get(target.id)
        return charge(target, at, usage)[0] if found is None else found

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
        dearest=max([price(targets[ranked.target]) for ranked in decision.ranked], default=ZERO),
        reference=None if reference is None or not settled else price(reference),
        reference_target=reference.id if reference else "",
        client_closed=status == CLIENT_CLOSED,
        user_agent=(request.inbound.headers.get("user-agent") or "")[:LONGEST_USER_AGENT],
    )
