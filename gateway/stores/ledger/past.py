"""Decisions of the past, one by one out of the ledger, for policies that are tried on them."""

from collections.abc import Iterator
from operator import itemgetter
from typing import Final

from gateway.domain.usage import Usage
from gateway.policy.replay.backtest import Past
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.place import snapshot
from gateway.stores.ledger.schema import query
from gateway.stores.sql.database import Row

_COUNTED: Final = tuple(name for name in Usage.__struct_fields__ if name != "estimated")
_counted: Final = itemgetter(*_COUNTED)


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


def labelled_decisions(data_dir: DataDir, from_ns: int, to_ns: int) -> Iterator[Row]:
    """Yield what was found, decided and done of those of ``[from, to)``, in no order.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with snapshot(data_dir) as seen:
        yield from seen.each(query("labelled"), {"from_ns": from_ns, "to_ns": to_ns})


def served_by_vendors(data_dir: DataDir, from_ns: int, to_ns: int) -> Iterator[Past]:
    """Yield those of ``[from, to)`` that a vendor served, in no order, without what was decided.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with snapshot(data_dir) as seen:
        for row in seen.each(query("served_closed"), {"from_ns": from_ns, "to_ns": to_ns}):
            yield Past(
                row["id"], row["at"], row["team"], row["facts"].encode(), b"", _usage(row), row["zone"], row["cost"]
            )


def _usage(row: Row) -> Usage:
    return Usage(**dict(zip(_COUNTED, _counted(row), strict=True)))
