"""What was taken from budgets since a time, as the ledger has it: to that counters are raised at a start or a loss.

A request counts in the period in which it arrived, as its holds and reports do, whenever it ends. What
is not settled is not spent: somebody holds it.
"""

from collections import Counter
from typing import Final

from gateway.domain.budget import Spent
from gateway.stores.ledger import report_sums
from gateway.stores.ledger.snapshot import LedgerSnapshot

_EVER: Final = 1 << 62
_MEASURES: Final = ("closed_cost", "local_cost", "input_tokens", "output_tokens", "local_tokens")
_OPEN: Final = """
SELECT d.team, d.key, a.zone, CAST(sum(a.hold) AS BIGINT) AS cost
FROM {db}.unrolled u
JOIN {db}.decisions d ON d.id = u.decision
JOIN {db}.attempts a ON a.decision = d.id
LEFT JOIN {db}.settlements s ON s.attempt = a.id
WHERE s.attempt IS NULL AND d.at >= :since_ns AND d.id NOT IN {elsewhere}
GROUP BY d.team, d.key, a.zone
"""
"""Attempts that run, or whose process died: sums of reports have them at their hold."""
_LOST: Final = """
SELECT coalesce(a.team, d.team, '') AS team, coalesce(d.key, '') AS key, coalesce(a.zone, 'closed') AS zone,
  CAST(sum(s.cost) AS BIGINT) AS cost, CAST(sum(s.input_tokens + s.output_tokens) AS BIGINT) AS tokens
FROM {db}.unrolled u
JOIN {db}.settlements s ON s.decision = u.decision
LEFT JOIN {db}.attempts a ON a.id = s.attempt
LEFT JOIN {db}.decisions d ON d.id = s.decision
WHERE (a.id IS NULL OR d.id IS NULL) AND coalesce(d.at, a.at, s.at) >= :since_ns AND u.decision NOT IN {elsewhere}
GROUP BY 1, 2, 3
"""
"""Charges whose attempt or decision was lost to damage. They count as a vendor's: too much is safer for a budget."""


def spent_by(seen: LedgerSnapshot, since_ns: int) -> list[Spent]:
    """Return what each key has taken in each zone, of requests that arrived since a time: nano-dollars and tokens."""
    costs: Counter[tuple[str, str, str]] = Counter()
    tokens: Counter[tuple[str, str, str]] = Counter()
    for (team, key), values in report_sums.each_group(seen, since_ns, _EVER, ("team", "key"), _MEASURES, named=False):
        closed, local, tokens_in, tokens_out, local_tokens = values
        costs[team, key, "closed"] += closed
        costs[team, key, "local"] += local
        tokens[team, key, "closed"] += tokens_in + tokens_out - local_tokens
        tokens[team, key, "local"] += local_tokens
    for row in seen.select(_OPEN, {"since_ns": since_ns}):
        costs[row["team"], row["key"], row["zone"]] -= row["cost"]
    for row in seen.select(_LOST, {"since_ns": since_ns}):
        costs[row["team"], row["key"], row["zone"]] += row["cost"]
        tokens[row["team"], row["key"], row["zone"]] += row["tokens"]
    keys = sorted({key for key, value in (*costs.items(), *tokens.items()) if value})
    return [
        Spent(team, key, "local" if zone == "local" else "closed", costs[team, key, zone], tokens[team, key, zone])
        for team, key, zone in keys
    ]
