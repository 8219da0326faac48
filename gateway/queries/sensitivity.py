"""What sensitivity did to the requests of a time."""

from collections.abc import Iterator
from typing import Any

import orjson

from gateway.reports.sensitivity import By, Seen, rows
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.past import labelled_decisions


def sensitivity(data: DataDir, from_ns: int, to_ns: int, by: By, team: str = "") -> list[dict[str, Any]]:
    """Return the rows of ``[from, to)``, of one team or of all.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    return rows(_seen(data, from_ns, to_ns, team), by)


def _seen(data: DataDir, from_ns: int, to_ns: int, team: str) -> Iterator[Seen]:
    for row in labelled_decisions(data, from_ns, to_ns):
        if not team or row["team"] == team:
            outcome, evidence = orjson.loads(row["outcome"]), orjson.loads(row["evidence"])
            yield Seen(row["id"], row["team"], row["key"], outcome, evidence, row["target"] or "", row["error"] or "")
