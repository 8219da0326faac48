"""``gateway ledger prune``: remove requests of the past, and keep their sums and what proves what was sent."""

import secrets
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import click

from gateway.cli.output import format_option, print_json, resolve_format
from gateway.cli.stores import Stores, alone, reported_errors, store_options, stores_of
from gateway.domain.errors import LedgerUnavailable
from gateway.domain.ids import RANDOM_BYTES, new_id
from gateway.domain.money import usd_text
from gateway.queries.budget_days import budget_days
from gateway.stores.audit.ledger import audit
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.actions import Change
from gateway.stores.ledger.place import open_ledger, snapshot
from gateway.stores.ledger.prune import Order, Pruned
from gateway.stores.ledger.pruned import prunable, spoken_of
from gateway.stores.ledger.reader import LedgerReader

REFUSED: Final = 1
YOUNGEST: Final = timedelta(days=2)
"""What is younger stays: a call may still run, and the egress's answer to it may still come."""
_NS: Final = 1_000_000_000
_FIRST_YEAR: Final = 1970


@click.command()
@store_options
@click.option("--before", metavar="DATE", required=True, help="First day (UTC) that stays; at least 2 days ago.")
@click.option("--apply", "apply", is_flag=True, help="Remove them; without it they are only counted.")
@format_option()
def prune(config: str | None, data_dir: str | None, before: str, apply: bool, form: str | None) -> None:
    """Remove requests that arrived before a day: their decisions, attempts and receipts.

    What stays: all sums of reports by day, what each vendor was booked at, how many calls of which class were sent,
    and the ends of the chains of receipts, so that `ledger verify` and `egress prove` still hold. Requests that are
    open, or of which nobody knows whether they were sent, stay whole. What goes: single decisions (`decisions show`,
    `replay`), and with them `policy backtest`, `ledger rerate` and `report gpu --apply` for those days.

    The ledger is checked first as `ledger verify` does it; if something is wrong, nothing is removed. The gateway may
    run meanwhile. Free space in the database is used for new calls; the file does not shrink.

    \b
    Examples:
      gateway ledger prune --before 2026-09-01
      gateway ledger prune --before 2026-09-01 --apply
    \b
    Exit codes:
      0  done
      1  the ledger has a problem (see `gateway ledger verify`); nothing was removed
      2  the ledger cannot be read or written, or the command line is wrong
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    now = time.time_ns()
    before_ns = _moment(before, now)
    stores = stores_of(config, data_dir)
    with reported_errors():
        kept_days = budget_days(LedgerReader(stores.data), now)
        with snapshot(stores.data) as seen:
            if seen.stored is None:
                raise LedgerUnavailable(f"there is no ledger in {stores.data.path}: check --data-dir")
            done, left = prunable(seen, before_ns, kept_days)
        if apply and done.requests:
            _refuse_if_wrong(stores.data)
            there = {"requests": done.requests + left}, {"requests": left}
            with alone(stores.data), stores.changing(Change("ledger.prune", f"before {before}", *there)):
                done, left = _prune(stores, before_ns, now, kept_days)
    if resolve_format(form) == "json":
        print_json(_as_json(before, done, left, applied=apply))
        return
    _show(before, done, left, applied=apply)


def _moment(before: str, now_ns: int) -> int:
    try:
        day = date.fromisoformat(before)
    except ValueError as error:
        raise click.UsageError(f"--before '{before}' is not a date; write it as 2026-11-30") from error
    if day.year < _FIRST_YEAR:
        raise click.UsageError(f"--before {day} is before {_FIRST_YEAR}")
    newest = datetime.fromtimestamp(now_ns // _NS, UTC).date() - YOUNGEST
    if day > newest:
        raise click.UsageError(
            f"--before {day} is too recent: calls may still be running; the latest possible day is {newest}"
        )
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * _NS


def _refuse_if_wrong(data: DataDir) -> None:
    click.echo("checking the ledger", err=True)
    problems = audit(data).problems
    if problems:
        first = problems[0]
        click.echo(
            f"the ledger has {len(problems):,} problems, so nothing was removed; the first is {first.kind}: "
            f"{first.what}: {first.text}. See `gateway ledger verify`",
            err=True,
        )
        raise SystemExit(REFUSED)


def _prune(stores: Stores, before_ns: int, now_ns: int, kept_days: frozenset[int]) -> tuple[Pruned, int]:
    def progress(done: Pruned) -> None:
        click.echo(f"\r{done.requests:,} requests removed", err=True, nl=False)

    order = Order(
        id=new_id("prn", now_ns // 1_000_000, secrets.token_bytes(RANDOM_BYTES)),
        at_ns=now_ns,
        actor=stores.actor.name,
        before_ns=before_ns,
        kept=spoken_of(stores.data),
        kept_days=kept_days,
    )
    with open_ledger(stores.data) as ledger:
        done = ledger.prune(order, progress)
        left = ledger.remaining(before_ns)
    click.echo("", err=True)
    return done, left


def _as_json(before: str, done: Pruned, left: int, *, applied: bool) -> dict[str, Any]:
    return {
        "before": before,
        "applied": applied,
        "requests": done.requests,
        "attempts": done.attempts,
        "receipts": done.receipts,
        "cost_usd": usd_text(done.cost),
        "left_whole": left,
    }


def _show(before: str, done: Pruned, left: int, *, applied: bool) -> None:
    was = "were" if applied else "would be"
    click.echo(
        f"{done.requests:,} requests before {before} {was} removed: {done.attempts:,} attempts "
        f"(${usd_text(done.cost)}), {done.receipts:,} receipts"
    )
    if left:
        why = "they are open, a running budget needs them, or it is unknown whether they were sent"
        click.echo(f"{left:,} requests are kept: {why}")
    if not applied:
        click.echo("nothing was removed; add --apply to remove them")
