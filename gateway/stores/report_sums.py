"""The sums of a report: whole days out of the kept sums, the rest out of the requests themselves."""

from collections import Counter
from datetime import UTC, datetime
from typing import Final

from gateway.domain.costs import CostRow, Grouping
from gateway.stores import rollup_tables
from gateway.stores.database import Database
from gateway.stores.ledger_snapshot import Snapshot
from gateway.stores.rollup import DAY_NS, MEASURES, Sums, cost_row
from gateway.stores.rollup import cost_rows as rows_of_sums

_IN_SPAN: Final = "d.at >= :from_ns AND d.at < :to_ns"
_NOT_KEPT: Final = _IN_SPAN + " AND d.id IN (SELECT decision FROM {db}.unrolled)"  # noqa: S608 -- names are ours
_KEPT_AND_TOUCHED: Final = _IN_SPAN + " AND d.id IN {touched} AND d.id NOT IN (SELECT decision FROM {db}.unrolled)"  # noqa: S608


def cost_rows(seen: Snapshot, from_ns: int, to_ns: int, by: Grouping) -> dict[str, CostRow]:
    """Return the sums of requests that arrived in ``[from, to)``, by the group's name."""
    sums, asked_to = Sums(only=by), to_ns
    first, last = -(-from_ns // DAY_NS), to_ns // DAY_NS
    if seen.stored is not None and to_ns % DAY_NS and _newest(seen.stored) < to_ns:
        last, to_ns = last + 1, (last + 1) * DAY_NS  # nothing came after: the day is whole as far as it goes
    kept: dict[str, CostRow] = {}
    if seen.stored is not None:
        if first >= last:
            _add(sums, seen.stored, _IN_SPAN, from_ns, to_ns)
        else:
            _add(sums, seen.stored, _IN_SPAN, from_ns, first * DAY_NS)
            _add(sums, seen.stored, _NOT_KEPT, first * DAY_NS, last * DAY_NS)
            _add(sums, seen.stored, _IN_SPAN, last * DAY_NS, to_ns)
            _add(sums, seen.stored.whole(), _KEPT_AND_TOUCHED, first * DAY_NS, last * DAY_NS, -1)
            kept = _kept(seen.stored, first, last, by)
    _add(sums, seen.scratch, _IN_SPAN, from_ns, asked_to)
    rows = rows_of_sums(sums, by)
    for name, row in kept.items():
        rows[name] = row.plus(rows.get(name, CostRow(name)))
    shown = {_shown(name, by): row for name, row in rows.items() if row != CostRow(row.name)}
    return {name: CostRow(name).plus(row) for name, row in shown.items()}


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


def _kept(database: Database, first: int, last: int, by: Grouping) -> dict[str, CostRow]:
    """Return what is kept of whole days, ``first`` to before ``last``."""
    column = by  # the groupings are names of columns
    added = ", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in MEASURES)
    days = {"first": first, "last": last, "by": by}
    sql = f"SELECT {column} AS name, {added} FROM {{db}}.rollup WHERE day >= :first AND day < :last GROUP BY {column}"  # noqa: S608 -- names are ours
    spread = "day" if by == "day" else "name"
    spreads: dict[str, dict[str, Counter[int]]] = {}
    of_spreads = (
        f"SELECT {spread} AS name, spread, bucket, CAST(sum(number) AS BIGINT) AS number FROM {{db}}.rollup_spreads"  # noqa: S608
        f" WHERE by_what = :by AND day >= :first AND day < :last GROUP BY {spread}, spread, bucket"
    )
    for row in database.select(of_spreads, days):
        spreads.setdefault(str(row["name"]), {}).setdefault(row["spread"], Counter())[row["bucket"]] = row["number"]
    found = {}
    for row in database.select(sql, days):
        name = str(row["name"])
        found[name] = cost_row(name, row, spreads.get(name, {}))
    return found


def _shown(name: str, by: Grouping) -> str:
    if by == "day":
        return datetime.fromtimestamp(int(name) * DAY_NS / 1e9, UTC).date().isoformat()
    return name or "(none)"
