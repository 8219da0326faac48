"""``gateway report commitments``: money promised to vendors: used, remaining, expired, and charges beyond it."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gateway.cli.output import format_option, print_json, print_table, resolve_format
from gateway.cli.policy.in_force import given_policy
from gateway.cli.stores import ledger_of, reported_errors, store_options
from gateway.domain.money import usd_text
from gateway.pricing.commitment import DrawDown
from gateway.queries.commitments import commitments as query
from gateway.reports.costs import UNKNOWN, dollars
from gateway.stores.ledger.reader import LedgerReader


@click.command()
@store_options
@click.option(
    "--policies",
    type=click.Path(exists=True, path_type=Path),
    help="Policy with the commitments.  [default: the newest policy in the ledger]",
)
@format_option()
def commitments(config: str | None, data_dir: str | None, policies: Path | None, form: str | None) -> None:
    """Show how much of each commitment is used, remaining or expired, and the overage of covered calls."""
    reader, given = LedgerReader(ledger_of(config, data_dir)), given_policy(policies)
    with reported_errors():
        states = query(reader, given, time.time_ns())
    if resolve_format(form) == "json":
        print_json({"report": "commitments", "rows": [_row(state) for state in states]})
        return
    columns = ("commitment", "until", "committed $", "used $", "remaining $", "expired $", "overage $", "exhausted on")
    print_table("Commitments", columns, [_cells(state) for state in states])


def _row(state: DrawDown) -> dict[str, Any]:
    one = state.commitment
    return {
        "id": one.id,
        "covers": list(one.covers),
        "from": _time(one.start_ns),
        "to": _time(one.end_ns),
        "paid_usd": usd_text(one.amount),
        "drawn_usd": usd_text(state.drawn),
        "left_usd": usd_text(state.left),
        "lost_usd": usd_text(state.lost),
        "beyond_usd": usd_text(state.beyond),
        "per_day_usd": usd_text(state.per_day),
        "used_up_at": None if state.exhausted_ns is None else _time(state.exhausted_ns),
    }


def _cells(state: DrawDown) -> list[str]:
    one = state.commitment
    money = [dollars(amount) for amount in (one.amount, state.drawn, state.left, state.lost, state.beyond)]
    return [one.id, _time(one.end_ns), *money, UNKNOWN if state.exhausted_ns is None else _time(state.exhausted_ns)]


def _time(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns // 1_000_000_000, UTC).date().isoformat()
