"""``gateway report gpu``: what each hour of our own hardware really cost, who used it, and what an API would cost."""

import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gateway.cli.output import print_json, print_table, resolve_format
from gateway.cli.policy.in_force import policy_in_force
from gateway.cli.stores import Stores, refuse_pruned, reported_errors, store_options, stores_of
from gateway.domain.ids import RANDOM_BYTES
from gateway.domain.money import usd_text
from gateway.domain.price import Price
from gateway.domain.records import Adjustment
from gateway.domain.target import Target
from gateway.policy.snapshot import Snapshot
from gateway.pricing.hour import IDLE, HourPrice, Rates, comparable, hour_price
from gateway.pricing.measured import HOUR_NS, Measured
from gateway.pricing.rerate import Charged
from gateway.pricing.true_up import true_up
from gateway.reports.costs import UNKNOWN, dollars, percent
from gateway.reports.span import Span, days
from gateway.stores.ledger.gpu_hours import WorkedHour, worked
from gateway.stores.ledger.rerating import book, booking, charged


@click.command()
@store_options
@click.option("--from", "first", metavar="DATE", help="First day, UTC.  [default: the month's first]")
@click.option("--to", "last", metavar="DATE", help="Last day, included.  [default: today]")
@click.option(
    "--policies",
    type=click.Path(exists=True, path_type=Path),
    help="Policy with the prices of the hardware.  [default: the newest policy in the ledger]",
)
@click.option("--apply", "apply", is_flag=True, help="Book the true prices of hours that are over, as adjustments.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), help="[default: table on a terminal]")
def gpu(
    config: str | None,
    data_dir: str | None,
    first: str | None,
    last: str | None,
    policies: Path | None,
    apply: bool,
    form: str | None,
) -> None:
    """Show the true price of local tokens by target and hour.

    The hour's bill is shared out to the teams by what they used; the rest is idle. Marginal prices are those of a fully
    used hour; full prices include the whole bill. An hour without requests and without measurements is not shown.

    Local calls are charged at the planned rate when they end. With --apply each call gets its share of the true bill of
    its hour, as an adjustment. Running it twice books once.

    \b
    Examples:
      gateway report gpu
      gateway report gpu --from 2026-11-01 --to 2026-11-07 --format json
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    try:
        span = days(first, last, time.time_ns())
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    stores = stores_of(config, data_dir)
    with reported_errors():
        refuse_pruned(stores.data, span.from_ns, "an hour has its true price")
        found = worked(stores.data, span.from_ns, span.to_ns)
    snapshot = policy_in_force(policies, found.policy)
    targets = snapshot.targets if snapshot is not None else {}
    priced = [(hour, price) for hour in found.hours if (price := _price(hour, targets)) is not None]
    if apply and snapshot is not None:
        with reported_errors():
            _book(stores, span, priced, snapshot)
    if resolve_format(form) == "json":
        rows = [_row(hour, price) for hour, price in priced]
        print_json({"report": "gpu", "from": span.first, "to": span.last, "rows": rows, "total": _total(priced)})
        return
    columns = ("hour", "target", "used %", "bill $", "idle $", "in marginal $", "in full $", "out full $")
    title = f"Own hardware, {span.first} to {span.last}; prices for a million tokens"
    print_table(title, columns, [_cells(*one) for one in priced])
    for hour, price in priced:
        for line in _sentences(hour, price):
            click.echo(line)


def _price(hour: WorkedHour, targets: Mapping[str, Target]) -> HourPrice | None:
    """Return the true price of an hour; None for a target that is not priced by the hour."""
    target = targets.get(hour.target)
    period = target.tariff.period(hour.start_ns) if target is not None else None
    if period is None or period.hour is None:
        return None
    closed = comparable(targets[hour.target], targets, hour.start_ns)
    counted = hour.measured.tokens if hour.measured is not None else None
    return hour_price(period.hour, _planned(targets[hour.target], hour.start_ns), hour.teams, counted, closed)


def _book(stores: Stores, span: Span, priced: Sequence[tuple[WorkedHour, HourPrice]], snapshot: Snapshot) -> None:
    now, targets = time.time_ns(), snapshot.targets
    records: list[Adjustment] = []
    corrected: list[tuple[Charged, int]] = []
    for hour, price in priced:
        end = hour.start_ns + HOUR_NS
        if end <= now:
            whole = charged(stores.data, hour.start_ns, end, whole=True)
            calls = {call.attempt: call for call in whole if call.target == hour.target}
            booked = true_up(calls.values(), price.shares, _planned(targets[hour.target], hour.start_ns), now)
            records += booked
            corrected += [(calls[one.attempt], one.amount) for one in booked]
    if records:
        with stores.changing(booking("gpu.book", span.first, span.last, corrected, snapshot.hash)):
            book(stores.data, records, now, secrets.token_bytes(RANDOM_BYTES))


def _planned(target: Target, at_ns: int) -> Price:
    return target.route(at_ns, 0)


def _row(hour: WorkedHour, price: HourPrice) -> dict[str, Any]:
    measured = hour.measured or Measured()
    return {
        "hour": _time(hour.start_ns),
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
                "target": one.target,
                "cost_usd": usd_text(one.cost),
                "break_even_utilization": _rounded(one.break_even),
                "would_have_been_cheaper": one.was_cheaper,
            }
            for one in price.against
        ],
        "notes": _sentences(hour, price),
    }


def _total(priced: list[tuple[WorkedHour, HourPrice]]) -> dict[str, Any]:
    bill, idle = (sum(getattr(price, name) for _, price in priced) for name in ("bill", "idle"))
    shares: dict[str, int] = {}
    for _, price in priced:
        for name, share in price.shares.items():
            shares[name] = shares.get(name, 0) + share
    return {
        "hours": len(priced),
        "bill_usd": usd_text(bill),
        "allocated_usd": usd_text(bill - idle),
        "idle_usd": usd_text(idle),
        "shares_usd": {name: usd_text(share) for name, share in sorted(shares.items())},
    }


def _sentences(hour: WorkedHour, price: HourPrice) -> list[str]:
    """Say which closed targets would have been cheaper in this hour."""
    where = f"{_time(hour.start_ns)} {hour.target}"
    return [
        f"{where}: this hour the API would have been cheaper: {dollars(one.cost)} on {one.target} instead of"
        f" {dollars(price.bill)} ({_when(one.break_even)})"
        for one in price.against
        if one.was_cheaper
    ]


def _when(break_even: float | None) -> str:
    if break_even is None:
        return "no requests in this hour"
    if break_even > 1:
        return "never breaks even"
    return f"it breaks even at {percent(break_even)} utilisation"


def _cells(hour: WorkedHour, price: HourPrice) -> list[str]:
    full = price.full
    return [
        _time(hour.start_ns),
        hour.target,
        percent(price.utilization),
        dollars(price.bill),
        dollars(price.shares[IDLE]),
        dollars(price.marginal.input),
        UNKNOWN if full is None else dollars(full.input),
        UNKNOWN if full is None else dollars(full.output),
    ]


def _per_mtok(rates: Rates) -> dict[str, str]:
    return {name: usd_text(getattr(rates, name)) for name in ("input", "cached", "output")}


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)


def _time(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns // 1_000_000_000, UTC).strftime("%Y-%m-%dT%H:%MZ")
