"""A cost report as CSV, for spreadsheets: safe to open, and its last line is the exact total."""

import csv
import io
from typing import Any, Final

from gateway.reports.costs import CostReport, printable, record

_FORMULA: Final = ("=", "+", "-", "@")


def render(report: CostReport) -> str:
    """Return the report with a header and a line of totals; empty cells are unknown."""
    out = io.StringIO()
    lines = [record(line) for line in (*report.lines, report.total)]
    first, *_ = lines[0]
    names = [report.by, *list(lines[0])[1:]]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for line in lines:
        writer.writerow([_text(line.pop(first)), *["" if value is None else value for value in line.values()]])
    return out.getvalue()


def _text(name: Any) -> str:
    """Keep a spreadsheet from running a name as a formula: callers choose model names, and may mean harm."""
    text = printable(str(name))
    return "'" + text if text.startswith(_FORMULA) else text
