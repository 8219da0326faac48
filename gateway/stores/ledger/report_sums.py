"""The sums of a report: whole days out of the kept sums, the rest out of the requests themselves."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from operator import add, itemgetter
from typing import Any, Final

from gateway.domain.costs import CostRow, Grouping
from gateway.pricing.measured import HOUR_NS
from gateway.stores.ledger import rollup_tables
from gateway.stores.ledger.pruned import whole_days
from gateway.stores.ledger.rollup import DAY_NS, DIMENSIONS, MEASURES, TIMED, WORKED, HourKey, Sums, cost_row, grouped
from gateway.stores.ledger.rollup import cost_rows as rows_of_sums
from gateway.stores.ledger.snapshot import LedgerSnapshot
from gateway.stores.sql.database import Database, Row

_IN_SPAN: Final = "d.at >= :from_ns AND d.at < :to_ns"
_NOT_KEPT: Final = _IN_SPAN + " AND d.id IN (SELECT decision FROM {db}.unrolled)"  # noqa: S608 -- names are ours
_KEPT: Final = _IN_SPAN + " AND d.id NOT IN (SELECT decision FROM {db}.unrolled)"  # noqa: S608
_KEPT_AND_TOUCHED: Final = _IN_SPAN + " AND d.id IN {touched} AND d.id NOT IN (SELECT decision FROM {db}.unrolled)"  # noqa: S608
_EVER: Final = 1 << 62
_NONE: Final[Mapping[str, str]] = {}


def cost_rows(
    seen: LedgerSnapshot, from_ns: int, to_ns: int, by: Grouping, only: Mapping[str, str] = _NONE
) -> dict[str, CostRow]:
    """Return the sums of requests that arrived in ``[from, to)``, by the group's name.

    ``only``: dimension → the one name in it that counts. Times are kept by one grouping at a time, so there are none
    if that is given, nor by cost center.
    """
    timed = by in TIMED and not only
    sums = Sums(times=(by,) if timed else ())
    days = _gather(sums, seen, from_ns, to_ns)
    rows = rows_of_sums(sums, by, only)
    if days is not None and seen.stored is not None:
        spreads = _kept_spreads(seen.stored, *days, by) if timed else {}
        for row in _kept(seen.stored, *days, (by,), MEASURES, only):
            name = str(row[by])
            rows[name] = cost_row(name, row, spreads.get(name, {})).plus(rows.get(name, CostRow(name)))
    shown = {_shown(name, by): row for name, row in rows.items() if row != CostRow(row.name)}
    return {name: CostRow(name).plus(row) for name, row in shown.items()}


def groups(
    seen: LedgerSnapshot, from_ns: int, to_ns: int, by: Sequence[Grouping], only: Mapping[str, str] = _NONE
) -> dict[tuple[str, ...], CostRow]:
    """Return the same by several dimensions at once, without times; names as :func:`cost_rows` gives them."""
    found = each_group(seen, from_ns, to_ns, by, MEASURES, only)
    return {names: cost_row("", dict(zip(MEASURES, values, strict=True)), {}) for names, values in found}


def each_group(
    seen: LedgerSnapshot,
    from_ns: int,
    to_ns: int,
    by: Sequence[Grouping],
    measures: Sequence[str],
    only: Mapping[str, str] = _NONE,
    *,
    named: bool = True,
) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    """Yield groups with some of their measures, one by one: of the finest there are many. Those of zeros are left out.

    Groups that the kept sums have come first, by name. ``named``: names as reports show them, else as they are stored.
    """
    sums = Sums(times=())
    days = _gather(sums, seen, from_ns, to_ns)
    rest = {
        names: tuple([values.get(name, 0) for name in measures]) for names, values in grouped(sums, by, only).items()
    }
    shown = [cache(partial(_shown, by=each)) if named else str for each in by]
    if days is not None and seen.stored is not None:
        width = len(by)
        cells = itemgetter(*by, *measures)
        for row in _kept(seen.stored, *days, by, measures, only):
            values = cells(row)
            names, values = tuple(map(str, values[:width])), values[width:]
            if names in rest:
                values = tuple(map(add, values, rest.pop(names)))
            if any(values):
                yield tuple([show(name) for show, name in zip(shown, names, strict=True)]), values
    for names in sorted(rest):
        if any(rest[names]):
            yield tuple([show(name) for show, name in zip(shown, names, strict=True)]), rest[names]


def hours(seen: LedgerSnapshot, from_ns: int, to_ns: int) -> dict[HourKey, Counter[str]]:
    """Return the tokens of local attempts that were settled in the hours of ``[from, to)``, by hour, target, team."""
    sums = Sums(times=())
    ever = (0, _EVER)
    span = {"first": from_ns // HOUR_NS, "last": -(-to_ns // HOUR_NS)}
    _add(sums, seen.scratch, _IN_SPAN, *ever)
    if seen.stored is not None:
        _add(sums, seen.stored, _NOT_KEPT, *ever)
        _add(sums, seen.stored.whole(), _KEPT_AND_TOUCHED, *ever, -1)
        for row in seen.stored.select("SELECT * FROM {db}.rollup_hours WHERE hour >= :first AND hour < :last", span):
            kept = sums.hours.setdefault((row["hour"], row["target"], row["team"]), Counter())
            kept.update({name: row[name] for name in WORKED})
    found = {key: values for key, values in sums.hours.items() if any(values.values())}
    return {key: found[key] for key in sorted(found) if span["first"] <= key[0] < span["last"]}


def _gather(sums: Sums, seen: LedgerSnapshot, from_ns: int, to_ns: int) -> tuple[int, int] | None:
    """Add up what no kept sum has; returns the days, first to before last, that the kept sums answer for."""
    asked_to, days = to_ns, None
    from_ns, to_ns = whole_days(seen, from_ns, to_ns)
    first, last = -(-from_ns // DAY_NS), to_ns // DAY_NS
    if seen.stored is not None and to_ns % DAY_NS and _newest(seen.stored) < to_ns:
        last, to_ns = last + 1, (last + 1) * DAY_NS  # nothing came after: the day is whole as far as it goes
    if seen.stored is not None:
        if first >= last:
            _add(sums, seen.stored, _IN_SPAN, from_ns, to_ns)
        else:
            since = first * DAY_NS
            if since - from_ns > DAY_NS // 2:  # fewer rows to take out of the first day's sums than to add up
                first -= 1
                _add(sums, seen.stored.whole(), _KEPT, first * DAY_NS, from_ns, -1)
                since = from_ns
            _add(sums, seen.stored, _IN_SPAN, from_ns, since)
            _add(sums, seen.stored, _NOT_KEPT, since, last * DAY_NS)
            _add(sums, seen.stored, _IN_SPAN, last * DAY_NS, to_ns)
            _add(sums, seen.stored.whole(), _KEPT_AND_TOUCHED, since, last * DAY_NS, -1)
            days = (first, last)
    _add(sums, seen.scratch, _IN_SPAN, from_ns, asked_to)
    return days


def _newest(database: Database) -> int:
    """Return when the newest request arrived that is stored; 0 if there is none."""
    found = database.whole().select("SELECT max(at) AS at FROM {db}.decisions")
    return found[0]["at"] or 0


def _add(sums: Sums, database: Database, which: str, from_ns: int, to_ns: int, sign: int = 1) -> None:
    if from_ns >= to_ns:
        return
    raw = rollup_tables.read(database, which, {"from_ns": from_ns, "to_ns": to_ns})
    for request in raw.requests:
        sums.add(request, raw.attempts.get(request["id"], ()), sign)


def _kept(
    database: Database, first: int, last: int, by: Sequence[Grouping], measures: Sequence[str], only: Mapping[str, str]
) -> Iterator[Row]:
    """Yield what is kept of whole days, ``first`` to before ``last``, by name; groupings are names of columns."""
    assert set(only) <= set(DIMENSIONS)
    added = ", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in measures)
    columns = ", ".join(by)
    which = "".join(f" AND {name} = :only_{name}" for name in only)
    sql = (
        f"SELECT {columns}, {added} FROM {{db}}.rollup WHERE day >= :first AND day < :last{which}"  # noqa: S608 -- names are ours
        f" GROUP BY {columns} ORDER BY {columns}"
    )
    parameters: dict[str, Any] = {f"only_{name}": value for name, value in only.items()}
    return database.stream(sql, {"first": first, "last": last, **parameters})


def _kept_spreads(database: Database, first: int, last: int, by: Grouping) -> dict[str, dict[str, Counter[int]]]:
    spread = "day" if by == "day" else "name"
    sql = (
        f"SELECT {spread} AS name, spread, bucket, CAST(sum(number) AS BIGINT) AS number FROM {{db}}.rollup_spreads"  # noqa: S608
        f" WHERE by_what = :by AND day >= :first AND day < :last GROUP BY {spread}, spread, bucket"
    )
    found: dict[str, dict[str, Counter[int]]] = {}
    for row in database.select(sql, {"first": first, "last": last, "by": by}):
        found.setdefault(str(row["name"]), {}).setdefault(row["spread"], Counter())[row["bucket"]] = row["number"]
    return found


def _shown(name: str, by: Grouping) -> str:
    if by == "day":
        return datetime.fromtimestamp(int(name) * DAY_NS / 1e9, UTC).date().isoformat()
    return name or "(none)"
