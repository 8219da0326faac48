"""Settled attempts out of the ledger, and their corrections into it: through the spool, as all that is ever added."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from gateway.domain.money import usd_text
from gateway.domain.records import Adjustment, Record
from gateway.domain.usage import Usage
from gateway.pricing.rerate import Charged, Correction
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.actions import Change
from gateway.stores.ledger.place import snapshot
from gateway.stores.spool.append import append

RERATE: Final = "rerate"
_CHARGED: Final = """
SELECT s.attempt, s.decision, a.at, a.target, a.team, a.price_source, s.price_source AS charged_by, s.input_tokens,
  s.cached_input_tokens, s.cache_write_tokens, s.output_tokens, s.reasoning_tokens, s.estimated,
  s.cache_write_1h_tokens, s.audio_input_tokens, s.image_input_tokens, s.audio_output_tokens, s.web_searches,
  s.service_tier,
  s.cost + coalesce((SELECT CAST(sum(x.amount) AS BIGINT) FROM {db}.adjustments x
    WHERE x.attempt = s.attempt AND (x.reason = 'rerate' OR :whole = 1)), 0) AS cost,
  (SELECT count(*) FROM {db}.adjustments x WHERE x.attempt = s.attempt) AS corrections
FROM {db}.settlements s
JOIN {db}.attempts a ON a.id = s.attempt
WHERE {moment} >= :from_ns AND {moment} < :to_ns AND (s.outcome <> 'orphaned' OR :whole = 1)
  AND s.decision NOT IN {elsewhere}
"""


def charged(data_dir: DataDir, from_ns: int, to_ns: int, *, whole: bool = False) -> list[Charged]:
    """Return the attempts that began in ``[from, to)`` except those charged at their hold: their usage is unknown.

    ``whole``: those that settled in it, as the hour's work is reckoned, with those charged at their hold, and at all
    that they cost by now; else without what made up for an hour of hardware.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with snapshot(data_dir) as seen:
        span = {"from_ns": from_ns, "to_ns": to_ns, "whole": int(whole)}
        rows = seen.select(_CHARGED, span, moment="s.at" if whole else "a.at")
    return [
        Charged(
            attempt=row["attempt"],
            decision=row["decision"],
            at_ns=row["at"],
            target=row["target"],
            team=row["team"],
            usage=Usage(**{name: row[name] for name in Usage.__slots__ if name != "estimated"}),
            cost=row["cost"],
            source=row["charged_by"] or row["price_source"],
            corrections=row["corrections"],
        )
        for row in rows
    ]


def adjustments(corrections: tuple[Correction, ...], now_ns: int) -> list[Record]:
    """Return the records that book corrections."""
    return [
        Adjustment(
            id=one.id,
            decision=one.charged.decision,
            attempt=one.charged.attempt,
            at=now_ns,
            amount=one.amount,
            price_source=one.booked_source,
            reason=RERATE,
        )
        for one in corrections
    ]


def booking(action: str, first: str, last: str, corrected: Iterable[tuple[Charged, int]], policy: str) -> Change:
    """Return what is recorded of corrections that are about to be booked: what they cost before and after, by team.

    Args:
        action: what is done.
        first: the first day or time.
        last: the last one.
        corrected: each call with what is added to its cost.
        policy: hash of the policy by whose prices it is done.
    """
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    number = 0
    for call, amount in corrected:
        before[call.team] += call.cost
        after[call.team] += call.cost + amount
        number += 1
    old, new = ({team: usd_text(costs[team]) for team in sorted(before)} for costs in (before, after))
    more = {"adjustments": number, "policy": policy}
    return Change(action, f"{first}..{last}", {"cost_usd": old}, {"cost_usd": new, **more})


def book(data_dir: DataDir, records: Sequence[Record], now_ns: int, chance: bytes) -> None:
    """Append corrections and return when they are durable; the ledger takes each once.

    Raises:
        LedgerUnavailable: the disk is full or failed.
        OSError: the spool cannot be made or written.
    """
    append(data_dir, records, "adj", now_ns, chance)
