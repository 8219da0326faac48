"""Keeps the sums of :mod:`gateway.stores.ledger.rollup` in the transaction that stores what they are made of."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final

import orjson

from gateway.stores.ledger import rollup
from gateway.stores.ledger.rollup import DIMENSIONS, MEASURES, WORKED, Sums
from gateway.stores.ledger.schema import query
from gateway.stores.ledger.whole import Whole
from gateway.stores.sql.database import Database, Row

_PAGE: Final = 2000
_KEY: Final = ("day", *DIMENSIONS)
_SPREAD_KEY: Final = ("day", "by_what", "name", "spread", "bucket")
_HOUR_KEY: Final = ("hour", "target", "team")


@dataclass(frozen=True, slots=True)
class Raw:
    """Requests as the ledger has them, and their attempts by the request's id."""

    requests: Sequence[Row]
    attempts: dict[str, list[Row]]


def read(database: Database, which: str, parameters: dict[str, object] | None = None) -> Raw:
    """Return requests that a condition on ``d`` and ``f`` chooses; it is ours, never a user's text."""
    requests = database.select(query("rolled").replace("{which}", which), parameters)
    attempts: dict[str, list[Row]] = {}
    for start in range(0, len(requests), _PAGE):
        ids = _ids(request["id"] for request in requests[start : start + _PAGE])
        for row in database.select(query("attempts"), {"ids": ids}):
            attempts.setdefault(row["decision"], []).append(row)
    return Raw(requests, attempts)


def known(database: Database, touched: Collection[str]) -> set[str]:
    """Return those of some requests of which something is stored: the decision, or another record without it."""
    sql = (
        "SELECT id FROM {db}.decisions WHERE id IN {ids} UNION ALL"
        " SELECT decision FROM {db}.unrolled WHERE decision IN {ids}"
    )
    return {row["id"] for row in database.select(sql, {"ids": _ids(touched)})}


def rolled(database: Database, touched: Collection[str]) -> Raw:
    """Return those of some requests that are in the sums already: what comes late for them changes the sums."""
    if not touched:
        return Raw((), {})
    return read(database, "d.id IN {ids} AND d.id NOT IN (SELECT decision FROM {db}.unrolled)", {"ids": _ids(touched)})


def roll(database: Database, changed: Collection[str], before: Raw, whole: Sequence[Whole] = ()) -> None:
    """Put requests into the sums that have become complete, after taking out what they were before.

    Args:
        database: it has their records already.
        changed: requests that are read back.
        before: those of them that were in the sums, as they were.
        whole: requests that are added as they are.
    """
    again = [request for request in before.requests if request["id"] in changed]
    sums = rollup.of_rows(again, before.attempts, -1)
    for request, attempts in whole:
        sums.add(request, attempts)
    if not changed:
        _write(database, sums)
        return
    database.run(
        "INSERT INTO unrolled (decision) VALUES (:id) ON CONFLICT DO NOTHING", [{"id": one} for one in sorted(changed)]
    )
    _take_up(database, read(database, "d.id IN {ids}", {"ids": _ids(changed)}), sums)


def catch_up(database: Database, after: str, limit: int = _PAGE) -> str:
    """Put a page of the requests into the sums that came before there were any; returns where the next page begins.

    An empty answer: there is no more.
    """
    page = database.select(
        "SELECT decision FROM {db}.unrolled WHERE decision > :after ORDER BY decision LIMIT :limit",
        {"after": after, "limit": limit},
    )
    _take_up(database, read(database, "d.id IN {ids}", {"ids": _ids(row["decision"] for row in page)}), Sums())
    return str(page[-1]["decision"]) if len(page) == limit else ""


def _take_up(database: Database, raw: Raw, sums: Sums) -> None:
    complete = [each for each in raw.requests if rollup.is_complete(each, raw.attempts.get(each["id"], ()))]
    for request in complete:
        sums.add(request, raw.attempts.get(request["id"], ()))
    _write(database, sums)
    database.run("DELETE FROM unrolled WHERE decision = :id", [{"id": request["id"]} for request in complete])


def _write(database: Database, sums: Sums) -> None:
    # In the order of their keys: writers that lock the same rows in different orders would wait for one another.
    rows = _rows(sums.measures, MEASURES)
    hours = _rows(sums.hours, WORKED)
    spreads = [
        (*key, bucket, number)
        for key, counts in sorted(sums.spreads.items())
        for bucket, number in sorted(counts.items())
        if number
    ]
    database.add("rollup", _KEY, MEASURES, rows)
    database.add("rollup_hours", _HOUR_KEY, WORKED, hours)
    database.add("rollup_spreads", _SPREAD_KEY, ("number",), spreads)


def _rows(sums: Mapping[Any, Mapping[str, int]], names: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return the rows of sums in the order of their keys; those of zeros are left out."""
    return [(*key, *map(own.get, names, repeat(0))) for key, own in sorted(sums.items()) if any(own.values())]


def _ids(ids: Iterable[str]) -> str:
    return orjson.dumps(sorted(ids)).decode()
