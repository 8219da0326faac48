"""Idle hardware: the bill of each measured hour, less what its servers counted."""

from collections.abc import Mapping
from datetime import UTC, datetime

from gateway.domain.target import Target
from gateway.pricing.hour import hour_price
from gateway.pricing.measured import Measured


def idle_by_day(
    hours: Mapping[tuple[str, int], Measured], targets: Mapping[str, Target]
) -> dict[tuple[str, str], int] | None:
    """Return nano-dollars by target and day (UTC); None if no hour was measured of a target that is paid by the hour.

    Args:
        hours: what servers counted, by target and the hour's start.
        targets: those of the policy: they say what an hour costs.
    """
    found: dict[tuple[str, str], int] = {}
    for (name, start_ns), counted in hours.items():
        target = targets.get(name)
        period = target.tariff.period(start_ns) if target is not None else None
        if target is not None and period is not None and period.hour is not None:
            price = hour_price(period.hour, target.route(start_ns, 0), {}, counted.tokens)
            day = datetime.fromtimestamp(start_ns // 1_000_000_000, UTC).date().isoformat()
            found[name, day] = found.get((name, day), 0) + price.idle
    return found or None
