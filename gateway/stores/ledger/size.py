"""How large the ledger is, and how fast it grows."""

from typing import Final

from gateway.estimation.room import DAYS, Held
from gateway.stores.ledger.rollup import DAY_NS
from gateway.stores.sql.database import Database

_RECENT: Final = """
SELECT CAST(coalesce(sum(requests), 0) AS BIGINT) AS requests, min(day) AS first FROM {db}.rollup WHERE day >= :first
"""
_TOTAL: Final = """
SELECT CAST((SELECT coalesce(sum(requests), 0) FROM {db}.rollup) - (SELECT coalesce(sum(requests), 0) FROM {db}.prunes)
  AS BIGINT) AS requests
"""


def held(database: Database, now_ns: int) -> tuple[Held, int]:
    """Return what the ledger holds, and how many bytes inside of its database are free.

    The pace is that of the last :data:`~gateway.estimation.room.DAYS` days, or since the ledger's first request.

    Raises:
        LedgerUnavailable: the database cannot be used.
    """
    size = database.size()
    today = now_ns / DAY_NS
    first = int(today) - DAYS
    recent = database.select(_RECENT, {"first": first})[0]
    begun = max(first, recent["first"] if recent["first"] is not None else first)
    total = int(database.select(_TOTAL)[0]["requests"])
    return Held(size.used, total, int(recent["requests"]), today - begun), size.free
