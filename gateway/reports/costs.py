"""What each team, target, model, task, key, day or cost center cost, and what it saved against the reference."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from gateway.domain.costs import CostRow, Grouping, total
from gateway.domain.money import NANOS_PER_USD, usd_text
from gateway.reports import forecast
from gateway.reports.forecast import BudgetState
from gateway.reports.line import Line
from gateway.reports.savings import TOKEN_RATIO
from gateway.reports.savings import method as savings_method

METHOD: Final = (
    "Spend is cash to vendors (closed) plus what is allocated of our own hardware (local): at its planned rate, and at "
    "its true price once `gateway report gpu --apply` has booked the hour. Idle hardware is reported separately, not "
    "as spend. "
    "Every attempt counts, failed ones too, and one that is still open counts at its hold. The reference is what the "
    "same tokens would have cost on the team's reference target. Savings are that minus the spend, over the requests "
    "that have a reference: those of teams without a reference target, and those cut short by a crash, are in neither "
    "side of the comparison. A request counts in the row where it was served and on the day it arrived (UTC); times "
    "are from arrival on."
)
UNKNOWN: Final = "\u2013"


@dataclass(frozen=True, slots=True)
class Beside:
    """What a report contains beside its sums, and its filter."""

    days: Sequence[CostRow] = ()
    """The same span by day, for the trend."""
    idle: Mapping[tuple[str, str], int] | None = None
    """Target and day → cost of idle hardware, in nano-dollars; None: not known."""
    budgets: tuple[BudgetState, ...] = ()
    """Those of the payers that are shown, in their running periods."""
    only: Mapping[str, str] = field(default_factory=dict)
    """Dimension → the one name in it that counts."""
    token_ratio: float = TOKEN_RATIO


_NOTHING: Final = Beside()


@dataclass(frozen=True, slots=True)
class CostReport:
    """A report over the days from ``first`` to ``last``, or between two times."""

    by: Grouping
    first: str
    last: str
    lines: tuple[Line, ...]
    total: Line
    """The exact sum of the lines."""
    days: tuple[Line, ...] = ()
    """The same span by day, for the trend."""
    only: Mapping[str, str] = field(default_factory=dict)
    """Dimension → the one name in it that counts."""
    budgets: tuple[BudgetState, ...] = ()
    """Those of the payers that are shown, in their running periods."""

    @property
    def notes(self) -> tuple[str, ...]:
        """How the figures came about, for people."""
        texts = [METHOD, savings_method(self.total.token_ratio)]
        share = self.total.trued_up_share
        if share is not None:
            texts.append(
                f"{percent(share)} of the local attempts carry the true price of their hour, the rest the planned."
            )
        if self.total.idle is not None:
            texts.append("Idle hardware is the bill of each measured hour less what its servers counted.")
        elif share is not None:
            texts.append("Idle hardware is not known here: no hour was measured, or the report is narrowed to callers.")
        if self.budgets:
            texts.append(forecast.METHOD)
        return tuple(texts)

    def requests(self, line: Line) -> str:
        """Return the command that lists the requests of a line."""
        asked = {**self.only, self.by: line.name}
        days = "" if self.by == "day" else f" --from {self.first[:10]} --to {self.last[:10]}"
        options = "".join(f" --{name.replace('_', '-')} {shlex.quote(value)}" for name, value in asked.items())
        return f"gateway decisions list{options}{days}"


def build(by: Grouping, first: str, last: str, rows: Sequence[CostRow], beside: Beside = _NOTHING) -> CostReport:
    """Make a report of the ledger's sums; the most expensive group first, days in their order."""
    unused = _idle(by, beside.idle)
    names = {row.name for row in rows}
    rows = [*rows, *(CostRow(name) for name in unused if name not in names)]
    lines = [Line(row, unused.get(row.name), beside.token_ratio) for row in rows]
    if by == "day":
        lines.sort(key=lambda line: line.name)
    else:
        lines.sort(key=lambda line: (-line.spend, -line.row.requests, line.name))
    idle = None if beside.idle is None else sum(beside.idle.values())
    whole = Line(total(rows), idle, beside.token_ratio)
    return CostReport(by, first, last, tuple(lines), whole, _without_gaps(beside.days), beside.only, beside.budgets)


def _idle(by: Grouping, idle: Mapping[tuple[str, str], int] | None) -> dict[str, int]:
    """Return idle hardware by target or day; other groups have none."""
    found: dict[str, int] = {}
    for (target, day), amount in (idle or {}).items():
        if by in {"target", "day"}:
            name = target if by == "target" else day
            found[name] = found.get(name, 0) + amount
    return found


def as_json(report: CostReport) -> dict[str, Any]:
    """Return plain JSON data; money as decimal strings, shares from 0 to 1."""
    return {
        "report": "costs",
        "by": report.by,
        "from": report.first,
        "to": report.last,
        "only": dict(report.only),
        "rows": [{**record(line), "list": report.requests(line)} for line in report.lines],
        "total": record(report.total),
        "budgets": [forecast.record(state) for state in report.budgets],
        "method": " ".join(report.notes),
    }


def record(line: Line) -> dict[str, Any]:
    """Return a line as flat data: the columns of JSON and CSV."""
    row = line.row
    return {
        "name": line.name,
        "requests": row.requests,
        "errors": row.errors,
        "client_closed": row.client_closed,
        "running": row.running,
        "attempts": row.attempts,
        "input_tokens": row.input_tokens,
        "cached_input_tokens": row.cached_input_tokens,
        "cache_write_tokens": row.cache_write_tokens,
        "output_tokens": row.output_tokens,
        "reasoning_tokens": row.reasoning_tokens,
        "local_tokens": row.local_tokens,
        "cached_share": _rounded(line.cached_share),
        "spend_usd": usd_text(line.spend),
        "closed_usd": usd_text(row.closed_cost),
        "local_usd": usd_text(row.local_cost),
        "gpu_idle_usd": None if line.idle is None else usd_text(line.idle),
        "true_price_share": _rounded(line.trued_up_share),
        **{f"{name}_usd": usd_text(amount) for name, amount in line.parts.items()},
        "reference_usd": usd_text(row.reference) if row.referenced else None,
        "savings_usd": None if line.savings is None else usd_text(line.savings),
        "savings_low_usd": None if line.savings_range is None else usd_text(line.savings_range.low),
        "savings_share": _rounded(line.savings_share),
        "requests_with_reference": row.referenced,
        "local_requests_share": _rounded(line.local_requests_share),
        "local_tokens_share": _rounded(line.local_tokens_share),
        "usd_per_1000_requests": None if line.per_thousand is None else usd_text(line.per_thousand),
        "estimated_share": _rounded(line.estimated_share),
        "would_drop": row.would_drop,
        "latency_p50_ms": line.latency_ms(0.5),
        "latency_p95_ms": line.latency_ms(0.95),
        "ttft_p50_ms": line.ttft_ms(0.5),
        "ttft_p95_ms": line.ttft_ms(0.95),
    }


def dollars(nanos: int) -> str:
    """Return money for people's eyes: cents from a dollar on, below that what there is to see."""
    usd = Decimal(abs(nanos)) / NANOS_PER_USD
    sign = "-" if nanos < 0 else ""
    if usd >= 1:
        return f"{sign}${usd:,.2f}"
    if usd == 0:
        return "$0"
    places = max(2, min(9, 2 - usd.adjusted()))
    return f"{sign}${usd:.{places}f}"


def percent(share: float | None) -> str:
    """Return a share for people's eyes."""
    return UNKNOWN if share is None else f"{share:.1%}".replace(".0%", "%")


def tokens(count: int) -> str:
    """Return a number of tokens for people's eyes: three digits and a unit."""
    for unit, size in (("G", 1_000_000_000), ("M", 1_000_000), ("k", 1_000)):
        if count >= size:
            whole = count / size
            return f"{whole:.{2 if whole < 10 else 1 if whole < 100 else 0}f}{unit}"  # noqa: PLR2004 -- three digits
    return str(count)


def milliseconds(value: float | None) -> str:
    """Return a duration for people's eyes."""
    if value is None:
        return UNKNOWN
    return f"{value / 1000:.1f} s" if value >= 1000 else f"{value:.0f} ms"  # noqa: PLR2004 -- a second


def printable(name: str) -> str:
    """Take out what a terminal would obey or a file trip over: callers choose the names of models and tasks."""
    if name.isprintable():
        return name
    return "".join(char if char.isprintable() else "\ufffd" for char in name)


def _without_gaps(rows: Sequence[CostRow]) -> tuple[Line, ...]:
    """Put the days between the first and the last in on which nothing happened: a trend has them, too."""
    by_day = {date.fromisoformat(row.name): row for row in rows}
    if not by_day:
        return ()
    first, last = min(by_day), max(by_day)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return tuple(Line(by_day.get(day, CostRow(day.isoformat()))) for day in days)


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)
