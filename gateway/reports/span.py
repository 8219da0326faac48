"""The period of a report: days in UTC, both included, as people say it; times to the nanosecond inside."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

_NS: Final = 1_000_000_000
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 2200
"""Nanoseconds since 1970 fit into 64 bits."""
_MONTH: Final = re.compile(r"\d{4}-\d\d")


@dataclass(frozen=True, slots=True)
class Span:
    """``[from_ns, to_ns)`` and how people say it."""

    from_ns: int
    to_ns: int
    first: str
    last: str


def days(first: str | None, last: str | None, now_ns: int) -> Span:
    """Return a span of whole days, ``2026-11-01`` to ``2026-11-30``, both included.

    Without a first day it begins with the month of the last; without a last day it goes to the present.

    Raises:
        ValueError: one is not a date, or the last comes before the first.
    """
    today = datetime.fromtimestamp(now_ns // _NS, UTC).date()
    end = today if last is None else _date(last)
    start = end.replace(day=1) if first is None else _date(first)
    if end < start:
        raise ValueError(f"{end} comes before {start}")
    return Span(_at(start), _at(end + timedelta(days=1)), start.isoformat(), end.isoformat())


def period(text: str) -> Span:
    """Return a period as people name it: a month, ``2026-10``, or days with both ends, ``2026-10-01..2026-10-15``.

    Raises:
        ValueError: it is neither.
    """
    first, dots, last = text.partition("..")
    if dots:
        return days(first, last, 0)
    if _MONTH.fullmatch(text) is None:
        raise ValueError(f"'{text}' is not a period; write it as 2026-10 or 2026-10-01..2026-10-15")
    start = _date(f"{text}-01")
    following = (start + timedelta(days=31)).replace(day=1)
    return days(start.isoformat(), (following - timedelta(days=1)).isoformat(), 0)


def back(duration_ns: int, now_ns: int) -> Span:
    """Return the span from a duration ago until now."""
    start = now_ns - duration_ns
    return Span(start, now_ns + 1, _minute(start), _minute(now_ns))


def _date(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"'{text}' is not a date; write it as 2026-11-30") from error
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise ValueError(f"{found} is outside of {_FIRST_YEAR} to {_LAST_YEAR}")
    return found


def _at(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * _NS


def _minute(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns // _NS, UTC).strftime("%Y-%m-%d %H:%M")
