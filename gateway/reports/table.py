"""A cost report for a terminal: as many columns as it is wide enough for."""

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from gateway.reports.costs import UNKNOWN, CostReport, dollars, milliseconds, percent, printable, tokens
from gateway.reports.forecast import BudgetState
from gateway.reports.line import Line

_COLUMNS: Final = (
    ("requests", 1),
    ("tokens in", 9),
    ("cached", 14),
    ("tokens out", 10),
    ("spend", 0),
    ("closed", 4),
    ("local", 5),
    ("reference", 7),
    ("savings", 2),
    ("saved", 3),
    ("local req.", 6),
    ("per 1,000", 11),
    ("estimated", 15),
    ("errors", 8),
    ("p50", 13),
    ("p95", 12),
    ("TTFT p50", 16),
    ("cached %", 17),
    ("idle GPU", 3),
)
"""Heads, and in which order they get room."""
_NAME: Final = 24
_PADDING: Final = 3


def render(report: CostReport, width: int) -> RenderableType:
    """Return the report for rich to print on a terminal of some width."""
    table = Table(
        title=f"Costs by {report.by}, {report.first} to {report.last}",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        header_style="dim",
        show_footer=True,
        footer_style="bold",
        pad_edge=False,
    )
    rows, totals = [_cells(line) for line in report.lines], _cells(report.total)
    name = min(_NAME, max(len(line.name) for line in (*report.lines, report.total)))
    shown = _fitting([*rows, totals], width - name)
    table.add_column(report.by, footer="total", overflow="fold", style="bold", min_width=name)
    for column in shown:
        table.add_column(_COLUMNS[column][0], footer=totals[column], justify="right", no_wrap=True)
    for line, cells in zip(report.lines, rows, strict=True):
        table.add_row(escape(printable(line.name)), *[cells[column] for column in shown])
    if not report.lines:
        return Group(table, Text("no request in this span"))
    return Group(table, *_budgets(report.budgets), *_observed(report), Text(" ".join(report.notes), style="dim"))


def _budgets(states: Sequence[BudgetState]) -> list[RenderableType]:
    """Return the budgets as a table of their own; nothing if there are none."""
    if not states:
        return []
    table = Table(title="Budgets, now", title_justify="left", box=box.SIMPLE_HEAD, header_style="dim", pad_edge=False)
    for head in ("budget", "period", "limit", "spent", "share", "forecast", "80 %"):
        table.add_column(head, justify="left" if head in {"budget", "period"} else "right")
    for state in states:
        account, expected = state.account, state.forecast
        show = dollars if account.unit == "usd" else tokens
        ends = (
            (UNKNOWN, UNKNOWN)
            if expected is None
            else (show(expected.likely), f"{show(expected.low)} to {show(expected.high)}")
        )
        over = expected is not None and expected.likely > account.limit
        table.add_row(
            escape(f"{account.budget.payer} {account.owner}".rstrip()),
            account.period.name,
            show(account.limit),
            show(state.spent),
            percent(state.spent / account.limit if account.limit else None),
            f"[red]{ends[0]}[/]" if over else ends[0],
            ends[1],
        )
    return [table]


def _observed(report: CostReport) -> list[Text]:
    """Return what enforcing the labels of observed teams would have changed; nothing if nothing would."""
    names = [f"{printable(line.name)} {line.row.would_drop:,}" for line in report.lines if line.row.would_drop]
    head = f"Observe mode: {report.total.row.would_drop:,} requests would have lost a target in enforce mode: "
    return [Text(head + ", ".join(names), style="yellow")] if names else []


def _fitting(rows: list[list[str]], left: int) -> list[int]:
    """Return the columns that there is room for, by rank; the table shows them in their own order."""
    left -= _PADDING
    shown = []
    for column, (head, _) in sorted(enumerate(_COLUMNS), key=lambda item: item[1][1]):
        left -= max(len(head), *(Text.from_markup(row[column]).cell_len for row in rows)) + _PADDING
        if left < 0:
            break
        shown.append(column)
    return sorted(shown)


def _cells(line: Line) -> list[str]:
    row, savings = line.row, line.savings
    return [
        f"{row.requests:,}",
        tokens(row.input_tokens),
        tokens(row.cached_input_tokens),
        tokens(row.output_tokens),
        f"[bold]{dollars(line.spend)}[/]",
        f"[yellow]{dollars(row.closed_cost)}[/]",
        f"[cyan]{dollars(row.local_cost)}[/]",
        dollars(row.reference) if row.referenced else UNKNOWN,
        _range(line),
        "" if savings is None else _signed(savings, percent(line.savings_share)),
        percent(line.local_requests_share),
        UNKNOWN if line.per_thousand is None else dollars(line.per_thousand),
        percent(line.estimated_share),
        f"[red]{row.errors:,}[/]" if row.errors else "0",
        milliseconds(line.latency_ms(0.5)),
        milliseconds(line.latency_ms(0.95)),
        milliseconds(line.ttft_ms(0.5)),
        percent(line.cached_share),
        UNKNOWN if line.idle is None else f"[magenta]{dollars(line.idle)}[/]",
    ]


def _range(line: Line) -> str:
    """Return savings from the least to the most; one figure where nothing is unsure."""
    found = line.savings_range
    if found is None:
        return UNKNOWN
    low, high = dollars(found.low), dollars(found.high)
    return _signed(found.low, low if low == high else f"{low} to {high}")


def _signed(savings: int, text: str) -> str:
    if savings == 0:
        return text
    return f"[green]{text}[/]" if savings > 0 else f"[red]{text}[/]"
