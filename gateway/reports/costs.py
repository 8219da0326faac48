"""What each team, target, model, task, key or day cost, and what it saved against the reference."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from gateway.domain.costs import CostRow, Grouping, percentile, total
from gateway.domain.money import NANOS_PER_USD, usd_text

METHOD: Final = (
    "Spend is what vendors charge (closed) plus our own hardware at its planned rate (local); every attempt counts, "
    "failed ones too, and one that is still open counts at its hold. The reference is what the same tokens would have "
    "cost on the team's reference target. Savings are that minus the spend, over the requests that have a reference: "
    "those of teams without a reference target, and those cut short by a crash, are in neither side of the comparison. "
    "A request counts in the row where it was served and on the day it arrived (UTC); times are from arrival on."
)
UNKNOWN: Final = "\u2013"
_NS_PER_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a report."""

    row: CostRow

    @property
    def name(self) -> str:
        """Name of the group."""
        return self.row.name

    @property
    def spend(self) -> int:
        """Closed and local together, in nano-dollars."""
        return self.row.closed_cost + self.row.local_cost

    @property
    def savings(self) -> int | None:
        """Reference minus spend, over the requests that have a reference; None if none has."""
        return self.row.reference - self.row.compared_cost if self.row.referenced else None

    @property
    def savings_share(self) -> float | None:
        """Savings as a share of the reference."""
        return None if self.savings is None else _share(self.savings, self.row.reference)

    @property
    def tokens(self) -> int:
        """Input and output."""
        return self.row.input_tokens + self.row.output_tokens

    @property
    def local_requests_share(self) -> float | None:
        """Share of the served requests that local targets served."""
        return _share(self.row.served_local, self.row.served)

    @property
    def local_tokens_share(self) -> float | None:
        """Share of the tokens that local targets worked through."""
        return _share(self.row.local_tokens, self.tokens)

    @property
    def per_thousand(self) -> int | None:
        """Nano-dollars for a thousand requests, rounded down; for people, never summed."""
        return self.spend * 1000 // self.row.requests if self.row.requests else None

    @property
    def estimated_share(self) -> float | None:
        """Share of the attempts whose usage no upstream reported."""
        return _share(self.row.estimated, self.row.attempts)

    def latency_ms(self, share: float) -> float | None:
        """Return a percentile of the time to the end, within 1 %."""
        return _ms(percentile(self.row.latency, share))

    def ttft_ms(self, share: float) -> float | None:
        """Return a percentile of the time to the first content byte, within 1 %."""
        return _ms(percentile(self.row.ttft, share))


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


def build(by: Grouping, first: str, last: str, rows: Sequence[CostRow], days: Sequence[CostRow] = ()) -> CostReport:
    """Make a report of the ledger's sums; the dearest group first, days in their order."""
    lines = [Line(row) for row in rows]
    if by == "day":
        lines.sort(key=lambda line: line.name)
    else:
        lines.sort(key=lambda line: (-line.spend, -line.row.requests, line.name))
    return CostReport(by, first, last, tuple(lines), Line(total(rows)), _without_gaps(days))


def as_json(report: CostReport) -> dict[str, Any]:
    """Return plain JSON data; money as decimal strings, shares from 0 to 1."""
    return {
        "report": "costs",
        "by": report.by,
        "from": report.first,
        "to": report.last,
        "rows": [record(line) for line in report.lines],
        "total": record(report.total),
        "method": METHOD,
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
        "output_tokens": row.output_tokens,
        "spend_usd": usd_text(line.spend),
        "closed_usd": usd_text(row.closed_cost),
        "local_usd": usd_text(row.local_cost),
        "reference_usd": usd_text(row.reference) if row.referenced else None,
        "savings_usd": None if line.savings is None else usd_text(line.savings),
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
    return "".join(char if char.isprintable() else "\ufffd" for char in name)


def _without_gaps(rows: Sequence[CostRow]) -> tuple[Line, ...]:
    """Put the days between the first and the last in on which nothing happened: a trend has them, too."""
    by_day = {date.fromisoformat(row.name): row for row in rows}
    if not by_day:
        return ()
    first, last = min(by_day), max(by_day)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return tuple(Line(by_day.get(day, CostRow(day.isoformat()))) for day in days)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)


def _ms(nanoseconds: float | None) -> float | None:
    return None if nanoseconds is None else round(nanoseconds / _NS_PER_MS, 1)
