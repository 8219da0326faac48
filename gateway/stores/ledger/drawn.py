"""Use of commitments according to the ledger, and the newest policy that names them."""

from collections.abc import Sequence
from typing import Final

import orjson

from gateway.pricing.commitment import Commitment, DrawDown, draw_down
from gateway.stores.ledger.snapshot import LedgerSnapshot

_POLICY: Final = "SELECT text, first_seen FROM {db}.policies ORDER BY first_seen DESC LIMIT 1"
_CHARGES: Final = """
SELECT a.target, CAST(sum(s.cost + coalesce((SELECT CAST(sum(x.amount) AS BIGINT) FROM {db}.adjustments x
  WHERE x.attempt = s.attempt), 0)) AS BIGINT) AS cost
FROM {db}.attempts a
JOIN {db}.settlements s ON s.attempt = a.id
WHERE a.at >= :from_ns AND a.at < :to_ns AND a.target IN {ids} AND a.decision NOT IN {elsewhere}
GROUP BY a.target
UNION ALL
SELECT p.target, CAST(sum(p.cost) AS BIGINT) AS cost FROM {db}.pruned_calls p
WHERE p.hour >= :from_ns / 3600000000000 AND p.hour * 3600000000000 < :to_ns AND p.target IN {ids}
GROUP BY p.target
"""


def newest(seen: LedgerSnapshot) -> bytes | None:
    """Return the canonical bytes of the policy that came into force last; None if there was none."""
    found = sorted(seen.select(_POLICY), key=lambda row: int(row["first_seen"]))
    return found[-1]["text"].encode() if found else None


def drawn(seen: LedgerSnapshot, commitments: Sequence[Commitment], now_ns: int) -> list[DrawDown]:
    """Return the state of each commitment; a call counts when it began, with its adjustments."""
    states = []
    for one in commitments:
        until = min(now_ns, one.end_ns)
        wanted = {"ids": orjson.dumps(one.covers).decode(), "from_ns": one.start_ns, "to_ns": until}
        charges = [(row["target"], one.start_ns, row["cost"]) for row in seen.select(_CHARGES, wanted)]
        states.append(draw_down(one, charges, now_ns))
    return states
