"""``gateway report gpu``: what each hour of our own hardware really cost, who used it, and what an API would cost."""

import time
from contextlib import nullcontext
from pathlib import Path

import click

from gateway.cli.output import format_option, print_json, print_table, resolve_format
from gateway.cli.policy.in_force import given_policy
from gateway.cli.stores import alone, refuse_pruned, reported_errors, store_options, stores_of, with_ledger
from gateway.pricing.hour import IDLE
from gateway.queries.gpu import gpu_hours
from gateway.reports.costs import UNKNOWN, dollars, percent
from gateway.reports.gpu import PricedHour, as_json, sentences
from gateway.reports.span import days
from gateway.stores.ledger.reader import LedgerReader


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
@format_option()
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
    now = time.time_ns()
    try:
        span = days(first, last, now)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    stores, given = stores_of(config, data_dir), given_policy(policies)
    with_ledger(stores.data)
    with reported_errors(), alone(stores.data) if apply else nullcontext():
        if apply:
            refuse_pruned(stores.data, span.from_ns, "true prices can be booked")
        found = gpu_hours(LedgerReader(stores.data), span, given, now if apply else None)
        if found.booking is not None:
            stores.book(found.booking, now)
    if resolve_format(form) == "json":
        print_json(as_json(found.hours, span.first, span.last))
        return
    columns = ("hour", "target", "used %", "bill $", "idle $", "in marginal $", "in full $", "out full $")
    title = f"Own hardware, {span.first} to {span.last}; prices for a million tokens"
    print_table(title, columns, [_cells(one) for one in found.hours])
    for one in found.hours:
        for line in sentences(one):
            click.echo(line)


def _cells(one: PricedHour) -> list[str]:
    price, full = one.price, one.price.full
    return [
        one.time,
        one.hour.target,
        percent(price.utilization),
        dollars(price.bill),
        dollars(price.shares[IDLE]),
        dollars(price.marginal.input),
        UNKNOWN if full is None else dollars(full.input),
        UNKNOWN if full is None else dollars(full.output),
    ]
