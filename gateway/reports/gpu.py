"""What each hour of our own hardware truly cost, who used it, and what an API would have cost; what is to be booked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.domain.money import usd_text
from gateway.domain.price import Price
from gateway.domain.records import Adjustment
from gateway.domain.target import Target
from gateway.pricing.hour import HourPrice, Rates, comparable, hour_price
from gateway.pricing.measured import HOUR_NS, Measured, WorkedHour
from gateway.pricing.rerate import Charged
from gateway.pricing.true_up import true_up
from gateway.reports.costs import dollars, percent


@dataclass(frozen=True, slots=True)
class PricedHour:
    """A target's hour and its true price."""

    hour: WorkedHour
    price: HourPrice

    @property
    def time(self) -> str:
        """When it began, UTC."""
        return datetime.fromtimestamp(self.hour.start_ns // 1_000_000_000, UTC).strftime("%Y-%m-%dT%H:%MZ")


def priced(hours: Iterable[WorkedHour], targets: Mapping[str, Target]) -> list[PricedHour]:
    """Return the hours of targets that are priced by the hour."""
    found = [(hour, _price(hour, targets)) for hour in hours]
    return [PricedHour(hour, price) for hour, price in found if price is not None]


def true_ups(
    hours: Sequence[PricedHour],
    settled: Mapping[tuple[str, int], Sequence[Charged]],
    targets: Mapping[str, Target],
    now_ns: int,
) -> Iterator[tuple[Charged, Adjustment]]:
    """Yield each call that is charged otherwise than its part of its hour, with what corrects it.

    Args:
        hours: those that are not over at ``now_ns`` are left out.
        settled: all calls of these hours, by target and the hour's start.
        targets: those of the policy that the hours are priced by.
        now_ns: when it is booked.
    """
    for one in hours:
        hour = one.hour
        if hour.start_ns + HOUR_NS <= now_ns:
            calls = {call.attempt: call for call in settled.get((hour.target, hour.start_ns), ())}
            planned = _planned(targets[hour.target], hour.start_ns)
            for record in true_up(calls.values(), one.price.shares, planned, now_ns):
                yield calls[record.attempt], record


def as_json(hours: Sequence[PricedHour], first: str, last: str) -> dict[str, Any]:
    """Return the report for programs."""
    return {"report": "gpu", "from": first, "to": last, "rows": [_row(one) for one in hours], "total": _total(hours)}


def sentences(one: PricedHour) -> list[str]:
    """Say which closed targets would have been cheaper in an hour."""
    where = f"{one.time} {one.hour.target}"
    return [
        f"{where}: this hour the API would have been cheaper: {dollars(other.cost)} on {other.target} instead of"
        f" {dollars(one.price.bill)} ({_when(other.break_even)})"
        for other in one.price.against
        if other.was_cheaper
    ]


def _price(hour: WorkedHour, targets: Mapping[str, Target]) -> HourPrice | None:
    """Return the true price of an hour; None for a target that is not priced by the hour."""
    target = targets.get(hour.target)
    period = target.tariff.period(hour.start_ns) if target is not None else None
    if target is None or period is None or period.hour is None:
        return None
    closed = comparable(target, targets, hour.start_ns)
    counted = hour.measured.tokens if hour.measured is not None else None
    return hour_price(period.hour, _planned(target, hour.start_ns), hour.teams, counted, closed)


def _planned(target: Target, at_ns: int) -> Price:
    return target.route(at_ns, 0)


def _row(one: PricedHour) -> dict[str, Any]:
    hour, price = one.hour, one.price
    measured = hour.measured or Measured()
    return {
        "hour": one.time,
        "target": hour.target,
        "utilization": round(price.utilization, 6),
        "busy_share": _rounded(measured.busy_share),
        "cache_hit_rate": _rounded(measured.cache_hit_rate),
        "peak_tokens_per_second": measured.peak_tokens_per_second,
        "samples": measured.samples,
        "bill_usd": usd_text(price.bill),
        "allocated_usd": usd_text(price.bill - price.idle),
        "idle_usd": usd_text(price.idle),
        "shares_usd": {name: usd_text(share) for name, share in sorted(price.shares.items())},
        "marginal_per_mtok_usd": _per_mtok(price.marginal),
        "full_per_mtok_usd": None if price.full is None else _per_mtok(price.full),
        "against": [
            {
                "target": other.target,
                "cost_usd": usd_text(other.cost),
                "break_even_utilization": _rounded(other.break_even),
                "would_have_been_cheaper": other.was_cheaper,
            }
            for other in price.against
        ],
        "notes": sentences(one),
    }


def _total(hours: Sequence[PricedHour]) -> dict[str, Any]:
    bill, idle = sum(one.price.bill for one in hours), sum(one.price.idle for one in hours)
    shares: dict[str, int] = {}
    for one in hours:
        for name, share in one.price.shares.items():
            shares[name] = shares.get(name, 0) + share
    return {
        "hours": len(hours),
        "bill_usd": usd_text(bill),
        "allocated_usd": usd_text(bill - idle),
        "idle_usd": usd_text(idle),
        "shares_usd": {name: usd_text(share) for name, share in sorted(shares.items())},
    }


def _when(break_even: float | None) -> str:
    if break_even is None:
        return "no requests in this hour"
    if break_even > 1:
        return "never breaks even"
    return f"it breaks even at {percent(break_even)} utilisation"


def _per_mtok(rates: Rates) -> dict[str, str]:
    return {name: usd_text(getattr(rates, name)) for name in ("input", "cached", "output")}


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)
