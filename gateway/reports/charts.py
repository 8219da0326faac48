"""Charts as inline SVG. Shapes stretch with the page; all text is HTML beside them, so that it stays readable."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from gateway.reports.costs import dollars, printable
from gateway.reports.line import Line

WIDTH: Final = 1000
HEIGHT: Final = 100
_EDGE: Final = 3


@dataclass(frozen=True, slots=True)
class Bar:
    """One horizontal bar: parts in order, a mark on the same scale, and the text beside it."""

    name: str
    parts: tuple[tuple[str, int], ...]
    """Class of the colour and size."""
    value: str
    tip: str
    mark: int | None = None
    tone: str = ""


def bars(rows: Sequence[Bar], whole: int | None = None) -> str:
    """Return bars on one scale: that of the longest, or of ``whole``."""
    longest = whole or max((max(_length(row), row.mark or 0) for row in rows), default=0)
    return '<div class="bars">' + "".join(_bar(row, longest) for row in rows) + "</div>"


def trend(days: Sequence[Line]) -> str:
    """Return spend by day, stacked closed on local, with the reference as a line."""
    top = _round_up(max((max(line.spend, line.row.reference) for line in days), default=0))
    step = WIDTH / max(1, len(days))
    columns = "".join(_column(line, number, step, top) for number, line in enumerate(days))
    grid = "".join(f'<path class="s-line" d="M0 {y}H{WIDTH}"/>' for y in (0, HEIGHT // 2, HEIGHT))
    dates = [days[0].name, days[len(days) // 2].name, days[-1].name] if days else []
    scale = "".join(f"<span>{dollars(value)}</span>" for value in (top, top // 2, 0))
    return (
        f'<div class="trend"><div class="scale">{scale}</div>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Spend by day">'
        f"{grid}{columns}{_reference(days, step, top)}</svg>"
        f'<div class="dates">{_spans(dict.fromkeys(dates))}</div></div>'
    )


def legend(*items: tuple[str, str]) -> str:
    """Return what the colours mean: pairs of class and words."""
    marks = "".join(f'<span><i class="{style}"></i>{escape(words)}</span>' for style, words in items)
    return f'<div class="legend">{marks}</div>'


def _length(row: Bar) -> int:
    return sum(size for _, size in row.parts)


def _bar(row: Bar, longest: int) -> str:
    x, shapes = 0.0, []
    for style, size in row.parts:
        width = WIDTH * max(0, size) / longest if longest > 0 else 0.0
        shapes.append(f'<rect class="{style}" x="{x:.1f}" width="{width:.1f}" height="{HEIGHT}"/>')
        x += width
    if row.mark is not None and longest:
        at = min(WIDTH - _EDGE, WIDTH * row.mark / longest)
        shapes.append(f'<path class="s-mark" d="M{at:.1f} 0V{HEIGHT}"/>')
    tip, name = escape(printable(row.tip)), escape(printable(row.name))
    return (
        f'<span class="name" title="{name}">{name}</span>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{tip}">'
        f"<title>{tip}</title>{''.join(shapes)}</svg>"
        f'<span class="value {row.tone}">{escape(row.value)}</span>'
    )


def _column(line: Line, number: int, step: float, top: int) -> str:
    gap = min(step * 0.3, 8.0)
    x, width = number * step + gap / 2, step - gap
    sizes = [max(0, line.row.local_cost), max(0, line.row.closed_cost)]
    local, closed = (HEIGHT * size / top if top else 0.0 for size in sizes)
    tip = f"{line.name}: {dollars(line.row.closed_cost)} closed, {dollars(line.row.local_cost)} local"
    return (
        f"<g><title>{escape(tip)}</title>"
        f'<rect class="f-local" x="{x:.1f}" y="{HEIGHT - local:.2f}" width="{width:.1f}" height="{local:.2f}"/>'
        f'<rect class="f-closed" x="{x:.1f}" y="{HEIGHT - local - closed:.2f}" width="{width:.1f}" '
        f'height="{closed:.2f}"/></g>'
    )


def _reference(days: Sequence[Line], step: float, top: int) -> str:
    if not top or not any(line.row.referenced for line in days):
        return ""
    points = [
        f"{(number + 0.5) * step:.1f} {HEIGHT - HEIGHT * line.row.reference / top:.2f}"
        for number, line in enumerate(days)
    ]
    return f'<path class="s-reference" d="M{"L".join(points)}"/>'


def _round_up(value: int) -> int:
    """Return the next number that reads well on a scale."""
    power = int("1" + "0" * max(0, len(str(value)) - 2))
    steps = (step * power for step in range(10, 102, 2))
    return next(step for step in steps if step >= value)


def _spans(texts: Iterable[str]) -> str:
    return "".join(f"<span>{escape(text)}</span>" for text in texts)
