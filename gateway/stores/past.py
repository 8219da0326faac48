"""Decisions of the past, one by one out of the ledger, for policies that are tried on them."""

from collections.abc import Iterator
from typing import Final

from gateway.domain.usage import Usage
from gateway.policy.backtest import Past
from gateway.stores.data_dir import DataDir
from gateway.stores.database import Row
from gateway.stores.ledger_schema import query
from gateway.stores.ledger_snapshot import snapshot

_COUNTED: Final = tuple(name for name in Usage.__slots__ if name != "estimated")


def past_decisions(data_dir: DataDir, from_ns: int, to_ns: int) -> Iterator[Past]:
    """Yield the decisions that arrived in ``[from, to)``, in no order.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with snapshot(data_dir) as seen:
        for row in seen.each(query("past"), {"from_ns": from_ns, "to_ns": to_ns}):
            yield Past(
                id=row["id"],
                at_ns=row["at"],
                team=row["team"],
                facts=row["facts"].encode(),
                outcome=row["outcome"].encode(),
                usage=_usage(row) if row["is_served"] else None,
                zone=row["zone"] or "",
                cost=row["cost"] or 0,
            )


def _usage(row: Row) -> Usage:
    return Usage(**{name: row[name] for name in _COUNTED})
