"""A cost report for a terminal: as many columns as it is wide enough for."""

from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from gateway.reports.costs import METHOD, UNKNOWN, CostReport, Line, dollars, milliseconds, percent, printable, tokens

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
    return Group(table, *_observed(report), Text(METHOD, style="dim"))


def _observed(report: CostReport) -> list[Text]:
    """Return what enforcing the labels of observed teams would have changed; nothing if nothing would."""
    told = [f"{printable(line.name)} {line.row.would_drop:,}" for line in report.lines if line.row.would_drop]
    head = f"Observed only, but for {report.total.row.would_drop:,} requests a target would have been dropped: "
    return [Text(head + ", ".join(told), style="yellow")] if told else []


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
        UNKNOWN if savings is None else _signed(savings, dollars(savings)),
        "" if savings is None else _signed(savings, percent(line.savings_share)),
        percent(line.local_requests_share),
        UNKNOWN if line.per_thousand is None else dollars(line.per_thousand),
        percent(line.estimated_share),
        f"[red]{row.errors:,}[/]" if row.errors else "0",
        milliseconds(line.latency_ms(0.5)),
        milliseconds(line.latency_ms(0.95)),
        milliseconds(line.ttft_ms(0.5)),
    ]


def _signed(savings: int, text: str) -> str:
    if savings == 0:
        return text
    return f"[green]{text}[/]" if savings > 0 else f"[red]{text}[/]"
