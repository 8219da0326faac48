"""Removes requests of the past from the ledger, and keeps what must outlive them, batch by batch.

Kept are the sums of reports and the samples of GPUs as they are, what calls to each target were booked at, how many
calls of which class were sent, and of each chain the numbers and hashes between which entries are gone. Requests of
which something is open, or of which nobody knows whether they were sent, stay whole.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.domain.chain import ChainEntry
from gateway.stores.chain.runs import Run, joined, run_of
from gateway.stores.ledger.rollup import DAY_NS
from gateway.stores.ledger.rows import OWNERS, entry_of
from gateway.stores.ledger.schema import query
from gateway.stores.sql.database import Database

BATCH: Final = 1000
_ADD_SEND: Final = """
INSERT INTO pruned_sends (day, team, target, data_class, outcome, calls, size)
VALUES (:day, :team, :target, :data_class, :outcome, :calls, :size)
ON CONFLICT (day, team, target, data_class, outcome) DO UPDATE SET
  calls = pruned_sends.calls + excluded.calls, size = pruned_sends.size + excluded.size
"""
_ADD_RUN: Final = """
INSERT INTO pruned_runs (instance, first, last, prev, hash) VALUES (:instance, :first, :last, :prev, :hash)
"""
_COUNTED: Final = ("requests", "attempts", "receipts", "cost")
_ADD: Final = (
    f"INSERT INTO prunes (id, at, actor, before, {', '.join(_COUNTED)})"  # noqa: S608 -- names are ours
    f" VALUES (:id, :at, :actor, :before, {', '.join(':' + name for name in _COUNTED)})"
    " ON CONFLICT (id) DO UPDATE SET " + ", ".join(f"{name} = prunes.{name} + excluded.{name}" for name in _COUNTED)
)
TOTALS: Final = """
SELECT count(*) AS attempts, CAST(coalesce(sum(s.cost), 0) AS BIGINT) AS cost
FROM {db}.attempts a JOIN {db}.settlements s ON s.attempt = a.id WHERE a.decision IN {ids}
"""
_RUNS: Final = "SELECT instance, first, last, prev, hash FROM {db}.pruned_runs WHERE instance IN {ids}"


@dataclass(frozen=True, slots=True)
class Order:
    """What to prune: requests that arrived before a moment, the begin of a UTC day."""

    id: str
    at_ns: int
    actor: str
    before_ns: int
    kept: frozenset[str] = frozenset()
    """Requests that the unshipped spool speaks of: they stay."""
    kept_days: frozenset[int] = frozenset()
    """Days (since 1970, UTC) whose requests stay, because a running budget began inside of them."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed. Cost: nano-dollars of the settlements, without adjustments."""

    requests: int = 0
    attempts: int = 0
    receipts: int = 0
    cost: int = 0

    def plus(self, other: "Pruned") -> "Pruned":
        """Return the sum of both."""
        return Pruned(*[getattr(self, name) + getattr(other, name) for name in _COUNTED])


def prune(database: Database, order: Order, progress: Callable[[Pruned], None] = lambda _: None) -> Pruned:
    """Remove what an order names, each batch whole or not at all; what was done stays if it is stopped.

    Raises:
        LedgerUnavailable: the database cannot be used.
    """
    done, after = Pruned(), {"at": -1, "id": ""}
    kept_days = _keep_days(database, order)
    while True:
        found = database.select(query("prunable"), {**after, "before": order.before_ns, "limit": BATCH})
        if not found:
            break
        after = {"at": found[-1]["at"], "id": found[-1]["id"]}
        ids = [row["id"] for row in found if row["id"] not in order.kept and row["at"] // DAY_NS not in kept_days]
        if ids:
            done = done.plus(_batch(database, order, ids))
            progress(done)
    return done


def _keep_days(database: Database, order: Order) -> frozenset[int]:
    """Note the days that stay, before anything of the others is removed; one that was pruned before is gone."""
    pruned = database.select("SELECT max(before) AS before FROM {db}.prunes")[0]["before"] or 0
    known = {row["day"] for row in database.select("SELECT day FROM {db}.prune_kept")}
    kept = {
        day for day in order.kept_days if day * DAY_NS < order.before_ns and (day * DAY_NS >= pruned or day in known)
    }
    with database.transaction():
        database.run("DELETE FROM prune_kept WHERE day < :day", [{"day": order.before_ns // DAY_NS}])
        database.run("INSERT INTO prune_kept (day) VALUES (:day)", [{"day": day} for day in sorted(kept)])
    return frozenset(kept)


def remaining(database: Database, before_ns: int) -> int:
    """Return how many requests from before a moment are still there."""
    found = database.select("SELECT count(*) AS n FROM {db}.decisions WHERE at < :before", {"before": before_ns})
    return int(found[0]["n"])


def _batch(database: Database, order: Order, ids: Sequence[str]) -> Pruned:
    wanted = {"ids": orjson.dumps(ids).decode()}
    with database.transaction():
        receipts = database.select("SELECT * FROM {db}.receipts WHERE decision IN {ids}", wanted)
        entries = [entry_of(row) for row in receipts]
        totals = database.select(TOTALS, wanted)[0]
        database.run(query("keep_booked"), [wanted])
        database.run(_ADD_SEND, _sends(entries))
        _keep_runs(database, [run_of(entry) for entry in entries if entry.seq])
        for table, owner in OWNERS.items():
            _delete(database, table, owner, ids)
        removed = Pruned(len(ids), int(totals["attempts"]), len(receipts), int(totals["cost"]))
        _note(database, order, removed)
    return removed


def _sends(entries: Sequence[ChainEntry]) -> list[dict[str, Any]]:
    calls: Counter[tuple[int, str, str, str, str]] = Counter()
    sizes: Counter[tuple[int, str, str, str, str]] = Counter()
    for entry in entries:
        group = (entry.at // DAY_NS, entry.team, entry.target, entry.level.word, entry.outcome)
        calls[group] += 1
        sizes[group] += entry.size
    names = ("day", "team", "target", "data_class", "outcome")
    return [
        dict(zip(names, group, strict=True)) | {"calls": calls[group], "size": sizes[group]} for group in sorted(calls)
    ]


def _keep_runs(database: Database, new: Sequence[Run]) -> None:
    """Add runs to those that are kept of the same chains."""
    instances = sorted({run.instance for run in new})
    if not instances:
        return
    known = [Run(**row) for row in database.select(_RUNS, {"ids": orjson.dumps(instances).decode()})]
    database.run("DELETE FROM pruned_runs WHERE instance = :instance", [{"instance": each} for each in instances])
    rows = [{name: getattr(run, name) for name in Run.__slots__} for run in joined([*known, *new])]
    database.run(_ADD_RUN, rows)


def _note(database: Database, order: Order, removed: Pruned) -> None:
    counted = {name: getattr(removed, name) for name in _COUNTED}
    row = {"id": order.id, "at": order.at_ns, "actor": order.actor, "before": order.before_ns, **counted}
    database.run(_ADD, [row])


def _delete(database: Database, table: str, column: str, ids: Collection[str]) -> None:
    sql = f"DELETE FROM {table} WHERE {column} IN {{ids}}"  # noqa: S608 -- names are ours
    database.run(sql, [{"ids": orjson.dumps(list(ids)).decode()}])
