"""A cost report as one HTML file: nothing is loaded from anywhere, so it can be mailed, archived and printed."""

from html import escape
from importlib import resources
from typing import Final

from gateway.reports.charts import Bar, bars, legend, trend
from gateway.reports.costs import UNKNOWN, CostReport, dollars, milliseconds, percent, printable, tokens
from gateway.reports.forecast import BudgetState
from gateway.reports.line import Line

MOST: Final = 12
"""How many groups the charts show; the table shows all."""
_MILLE: Final = 1000
_COLUMNS: Final = (
    *("Requests", "Tokens in", "Cached", "Tokens out", "Spend", "Closed", "Local", "Idle GPU", "Reference", "Savings"),
    *("at most", "Local req.", "Local tok.", "Per 1,000", "Estimated", "Errors", "Would drop"),
    *("p50", "p95", "TTFT p50"),
)


def render(report: CostReport) -> str:
    """Return the page."""
    css = resources.files("gateway.reports").joinpath("page.css").read_text(encoding="utf-8")
    title = f"Costs by {report.by}"
    body = _body(report) if report.lines else '<div class="card empty">No request in this span.</div>'
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"content-security-policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}, {escape(report.first)} to {escape(report.last)}</title><style>{css}</style></head>"
        f"<body><main><header><h1>{title}</h1>"
        f'<p class="sub">{escape(report.first)} to {escape(report.last)}, UTC</p></header>'
        f"{body}<footer>{escape(' '.join(report.notes))}</footer></main></body></html>\n"
    )


def _body(report: CostReport) -> str:
    return _tiles(report.total) + f'<div class="charts">{_charts(report)}</div>' + _table(report)


def _tiles(line: Line) -> str:
    row = line.row
    saved = _range(line)
    tiles = [
        ("Spend", dollars(line.spend), _spend_note(line), ""),
        ("Savings", saved, _savings_note(line), _tone(line.savings)),
        ("Served locally", percent(line.local_requests_share), f"{percent(line.local_tokens_share)} of tokens", ""),
        ("Requests", f"{row.requests:,}", _outcomes(line), ""),
        ("Per 1,000 requests", dollars(line.per_thousand or 0), f"{tokens(line.tokens)} tokens in all", ""),
        ("First token, p50", milliseconds(line.ttft_ms(0.5)), f"{milliseconds(line.ttft_ms(0.95))} p95", ""),
    ]
    return (
        '<div class="tiles">'
        + "".join(
            f'<div class="card tile"><span>{name}</span><b class="{tone}">{value}</b><span>{note}</span></div>'
            for name, value, note, tone in tiles
        )
        + "</div>"
    )


def _spend_note(line: Line) -> str:
    text = f"{dollars(line.row.closed_cost)} closed, {dollars(line.row.local_cost)} local"
    return text if line.idle is None else f"{text}; {dollars(line.idle)} idle in addition"


def _savings_note(line: Line) -> str:
    if line.savings is None:
        return "no team has a reference target"
    return f"at most {percent(line.savings_share)} of {dollars(line.row.reference)} reference"


def _outcomes(line: Line) -> str:
    return f"{line.row.errors:,} errors, {line.row.client_closed:,} hung up"


def _charts(report: CostReport) -> str:
    shown = report.lines[:MOST] if report.by != "day" else report.lines[-MOST:]
    left = len(report.lines) - len(shown)
    more = f'<p class="note">and {left} more in the table</p>' if left else ""
    spend = [_spend_bar(line) for line in shown]
    colours = [("b-closed", "closed, paid to vendors"), ("b-local", "local, allocated hardware")]
    cards = []
    if len(report.days) > 1:
        lines = [*colours, ("b-dash", "reference cost")]
        cards.append(_card("Spend by day", legend(*lines) + trend(report.days), wide=True))
    keys = legend(*colours, ("b-reference tick", "reference cost"))
    if report.by != "day":
        cards.append(_card(f"Spend by {report.by}", keys + bars(spend) + more, wide=True))
    cards.append(_savings_card(report, shown))
    if report.budgets:
        marks = legend(("b-closed", "spent, of the limit"), ("b-reference tick", "forecast for the period's end"))
        cards.append(_card("Budgets, now", marks + bars([_budget_bar(one) for one in report.budgets[:MOST]], _MILLE)))
    share = [_share_bar(line) for line in shown]
    keys = legend(("b-local", "share of served requests"))
    cards.append(_card("Served locally", keys + bars(share, _MILLE)))
    return "".join(cards)


def _savings_card(report: CostReport, shown: tuple[Line, ...]) -> str:
    rows = [_savings_bar(line) for line in shown if line.savings is not None]
    if not rows:
        return _card("Savings against the reference", '<p class="note">No team here has a reference target.</p>')
    losing = any((line.savings or 0) < 0 for line in shown)
    keys = [("b-good", "saved, at most"), *([("b-bad", "cost more than the reference")] if losing else [])]
    unlike = report.total.row.requests - report.total.row.referenced
    note = f'<p class="note">{unlike:,} requests have no reference and are not included</p>' if unlike else ""
    return _card("Savings against the reference", legend(*keys) + bars(rows) + note)


def _card(title: str, content: str, *, wide: bool = False) -> str:
    return f'<section class="card{" wide" if wide else ""}"><h2>{escape(title)}</h2>{content}</section>'


def _spend_bar(line: Line) -> Bar:
    row = line.row
    tip = f"{line.name}: {dollars(row.closed_cost)} closed, {dollars(row.local_cost)} local"
    if row.referenced:
        tip += f", {dollars(row.reference)} reference"
    parts = (("f-closed", row.closed_cost), ("f-local", row.local_cost))
    return Bar(line.name, parts, dollars(line.spend), tip, row.reference if row.referenced else None)


def _budget_bar(state: BudgetState) -> Bar:
    account, expected = state.account, state.forecast
    show = dollars if account.unit == "usd" else tokens
    name = f"{account.budget.payer} {account.owner}, {account.period.name}"
    spent = state.spent * _MILLE // account.limit if account.limit else _MILLE
    value = f"{show(state.spent)} of {show(account.limit)}"
    tip, mark = f"{name}: {value}", None
    if expected is not None and account.limit:
        mark = expected.likely * _MILLE // account.limit
        tip += f", forecast {show(expected.likely)} ({show(expected.low)} to {show(expected.high)})"
    return Bar(name, (("f-closed", min(spent, _MILLE)),), value, tip, mark, "bad" if mark and mark > _MILLE else "")


def _savings_bar(line: Line) -> Bar:
    savings = line.savings or 0
    value = f"{dollars(savings)} · {percent(line.savings_share)}"
    parts = (("f-good" if savings >= 0 else "f-bad", abs(savings)),)
    return Bar(line.name, parts, value, f"{line.name}: {value}", tone=_tone(savings))


def _share_bar(line: Line) -> Bar:
    share = line.local_requests_share
    parts = (("f-local", round((share or 0) * _MILLE)),)
    return Bar(line.name, parts, percent(share), f"{line.name}: {percent(share)} of requests served locally")


def _table(report: CostReport) -> str:
    head = "".join(f"<th>{column}</th>" for column in (report.by.capitalize(), *_COLUMNS))
    rows = "".join(_row(line, report.requests(line)) for line in report.lines)
    return (
        f'<section class="card"><h2>In figures</h2><div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody><tfoot>{_row(report.total)}</tfoot></table></div></section>"
    )


def _range(line: Line) -> str:
    found = line.savings_range
    if found is None:
        return UNKNOWN
    low, high = dollars(found.low), dollars(found.high)
    return low if low == high else f"{low} to {high}"


def _row(line: Line, command: str = "") -> str:
    row = line.row
    tone = _tone(line.savings)
    cells = [
        f"{row.requests:,}",
        tokens(row.input_tokens),
        tokens(row.cached_input_tokens),
        tokens(row.output_tokens),
        f"<b>{dollars(line.spend)}</b>",
        dollars(row.closed_cost),
        dollars(row.local_cost),
        UNKNOWN if line.idle is None else dollars(line.idle),
        dollars(row.reference) if row.referenced else UNKNOWN,
        f'<span class="{tone}">{_range(line)}</span>',
        f'<span class="{tone}">{percent(line.savings_share)}</span>',
        percent(line.local_requests_share),
        percent(line.local_tokens_share),
        UNKNOWN if line.per_thousand is None else dollars(line.per_thousand),
        percent(line.estimated_share),
        f'<span class="bad">{row.errors:,}</span>' if row.errors else "0",
        f"{row.would_drop:,}",
        milliseconds(line.latency_ms(0.5)),
        milliseconds(line.latency_ms(0.95)),
        milliseconds(line.ttft_ms(0.5)),
    ]
    name = escape(printable(line.name))
    title = escape(printable(command)) or name
    return f'<tr><td title="{title}">{name}</td>' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _tone(savings: int | None) -> str:
    if not savings:
        return ""
    return "good" if savings > 0 else "bad"
