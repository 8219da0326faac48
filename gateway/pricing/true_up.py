"""From the planned price of local calls to the true one: what each has to be adjusted by, once its hour is over.

A team's share of the bill is shared out to its calls by their work, so that the calls of an hour sum to what was
allocated, to the nano-dollar. Doing it again corrects nothing; after other corrections it makes up for them.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from gateway.domain.price import Price
from gateway.domain.records import Adjustment
from gateway.pricing.hour import HourTokens, allocate, work
from gateway.pricing.rerate import Charged, adjustment_id

GPU_HOUR: Final = "gpu_hour"


def true_up(calls: Iterable[Charged], shares: Mapping[str, int], planned: Price, now_ns: int) -> list[Adjustment]:
    """Return the adjustments of one target's hour.

    Args:
        calls: all that settled in it, with what they cost so far, all adjustments included.
        shares: team → nano-dollars, as :class:`~gateway.pricing.hour.HourPrice` has them.
        planned: the rates by which the hour was shared out.
        now_ns: when they are booked.
    """
    teams: dict[str, list[Charged]] = {}
    for call in calls:
        teams.setdefault(call.team, []).append(call)
    found = []
    for team, own in sorted(teams.items()):
        weights = {call.attempt: work(_tokens(call), planned) for call in own}
        true = allocate(shares.get(team, 0), weights)
        own.sort(key=lambda call: call.attempt)
        found += [_adjustment(call, true[call.attempt], now_ns) for call in own if true[call.attempt] != call.cost]
    return found


def true_up_id(attempt: str, before: int, after: int, done: int) -> str:
    """Return the name of an adjustment: of the call, what it cost before and costs now, after so many others."""
    return adjustment_id(f"{GPU_HOUR}\n{attempt}\n{before}\n{after}", done)


def _tokens(call: Charged) -> HourTokens:
    usage = call.usage
    return HourTokens(usage.input_tokens, usage.cached_input_tokens, usage.output_tokens)


def _adjustment(call: Charged, true: int, now_ns: int) -> Adjustment:
    return Adjustment(
        id=true_up_id(call.attempt, call.cost, true, call.corrections),
        decision=call.decision,
        attempt=call.attempt,
        at=now_ns,
        amount=true - call.cost,
        price_source=GPU_HOUR,
        reason=GPU_HOUR,
    )
