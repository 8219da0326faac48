"""From when on the ledger still has every request: what came before was pruned, and only its sums are kept."""

from typing import Final

import orjson

from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.place import snapshot
from gateway.stores.ledger.prune import BATCH, TOTALS, Pruned, remaining
from gateway.stores.ledger.rollup import DAY_NS
from gateway.stores.ledger.schema import query
from gateway.stores.ledger.snapshot import LedgerSnapshot

_BEFORE: Final = "SELECT max(before) AS before FROM {db}.prunes"


def whole_since(seen: LedgerSnapshot) -> int:
    """Return the moment before which requests were pruned, in nanoseconds; 0 if none ever was."""
    return max(row["before"] or 0 for row in seen.select(_BEFORE))


def whole_days(seen: LedgerSnapshot, from_ns: int, to_ns: int) -> tuple[int, int]:
    """Return a span whose ends fall on whole days where requests were pruned: only the day's sums are left there."""
    since = whole_since(seen)
    kept = {row["day"] for row in seen.select("SELECT day FROM {db}.prune_kept")} if from_ns < since else set()
    first, last = from_ns // DAY_NS, to_ns // DAY_NS
    begin = first * DAY_NS if from_ns < since and first not in kept else from_ns
    return begin, -(-to_ns // DAY_NS) * DAY_NS if to_ns < since and last not in kept else to_ns


def ledger_whole_since(data_dir: DataDir) -> int:
    """Return the same for the ledger of a data directory.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with snapshot(data_dir) as seen:
        return whole_since(seen)


def spoken_of(data_dir: DataDir) -> frozenset[str]:
    """Return the requests that the unshipped spool speaks of.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with snapshot(data_dir) as seen:
        return frozenset(str(row["id"]) for row in seen.scratch.select("SELECT id FROM {touched}"))


def prunable(seen: LedgerSnapshot, before_ns: int, kept_days: frozenset[int] = frozenset()) -> tuple[Pruned, int]:
    """Return what :func:`prune` would remove now, and how many requests from before that moment would stay."""
    found, after = Pruned(), {"at": -1, "id": ""}
    database = seen.stored
    if database is None:
        return found, 0
    touched = {row["id"] for row in seen.scratch.select("SELECT id FROM {touched}")}
    while page := database.select(query("prunable"), {**after, "before": before_ns, "limit": BATCH}):
        after = {"at": page[-1]["at"], "id": page[-1]["id"]}
        ids = [row["id"] for row in page if row["id"] not in touched and row["at"] // DAY_NS not in kept_days]
        wanted = {"ids": orjson.dumps(ids).decode()}
        totals = database.select(TOTALS, wanted)[0]
        receipts = database.select("SELECT count(*) AS n FROM {db}.receipts WHERE decision IN {ids}", wanted)[0]["n"]
        found = found.plus(Pruned(len(ids), int(totals["attempts"]), int(receipts), int(totals["cost"])))
    return found, remaining(database, before_ns) - found.requests
