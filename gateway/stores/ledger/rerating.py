"""Settled attempts out of the ledger, and their corrections into it: through the spool, as all that is ever added."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from gateway.domain.money import usd_text
from gateway.domain.records import Adjustment, Record
from gateway.domain.usage import Usage
from gateway.pricing.measured import HOUR_NS
from gateway.pricing.rerate import Charged, Correction
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.actions import Change
from gateway.stores.ledger.snapshot import LedgerSnapshot
from gateway.stores.spool.append import append
from gateway.stores.sql.database import Row

RERATE: Final = "rerate"
_CHARGED: Final = """
SELECT s.attempt, s.decision, a.at, s.at AS settled_at, a.target, a.team, a.price_source,
  s.price_source AS charged_by, s.input_tokens, s.cached_input_tokens, s.cache_write_tokens, s.output_tokens,
  s.reasoning_tokens, s.estimated, s.cache_write_1h_tokens, s.audio_input_tokens, s.image_input_tokens,
  s.audio_output_tokens, s.web_searches, s.service_tier,
  s.cost + coalesce((SELECT CAST(sum(x.amount) AS BIGINT) FROM {db}.adjustments x
    WHERE x.attempt = s.attempt AND {counted}), 0) AS cost,
  (SELECT count(*) FROM {db}.adjustments x WHERE x.attempt = s.attempt) AS corrections
FROM {db}.settlements s
JOIN {db}.attempts a ON a.id = s.attempt
WHERE {which} AND s.decision NOT IN {elsewhere}
"""
_BEGAN: Final = """
a.at >= :from_ns AND a.at < :to_ns AND s.outcome <> 'orphaned' AND NOT (s.outcome = 'unknown' AND s.input_tokens = 0)
"""
_SETTLED: Final = "s.at >= :from_ns AND s.at < :to_ns AND a.target IN {ids}"


def charged(seen: LedgerSnapshot, from_ns: int, to_ns: int) -> list[Charged]:
    """Return the attempts that began in ``[from, to)`` but those charged at their hold: nobody knows their usage.

    At what they cost without what made up for an hour of hardware.
    """
    rows = seen.select(_CHARGED, {"from_ns": from_ns, "to_ns": to_ns}, counted=f"x.reason = '{RERATE}'", which=_BEGAN)
    return [_charged(row) for row in rows]


def settled_by_hour(
    seen: LedgerSnapshot, from_ns: int, to_ns: int, targets: Iterable[str]
) -> dict[tuple[str, int], list[Charged]]:
    """Return the attempts at some targets that settled in ``[from, to)``, by target and the hour's start.

    As an hour's work is reckoned: with those charged at their hold, and at all that they cost by now.
    """
    wanted = {"from_ns": from_ns, "to_ns": to_ns, "ids": orjson.dumps(sorted(targets)).decode()}
    found: dict[tuple[str, int], list[Charged]] = {}
    for row in seen.select(_CHARGED, wanted, counted="1 = 1", which=_SETTLED):
        hour = row["settled_at"] // HOUR_NS * HOUR_NS
        found.setdefault((row["target"], hour), []).append(_charged(row))
    return found


def adjustments(corrections: Iterable[Correction], now_ns: int) -> list[Adjustment]:
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


@dataclass(frozen=True, slots=True)
class Corrections:
    """Corrections that may be booked, and what is recorded of it."""

    records: tuple[Adjustment, ...]
    change: Change


def booking(
    action: str, days: tuple[str, str], corrected: Iterable[tuple[Charged, Adjustment]], policy: str
) -> Corrections | None:
    """Return what is to be booked, with what it costs before and after by team; None if that is nothing.

    Args:
        action: what is done.
        days: the first and the last one.
        corrected: each call with what is added to its cost.
        policy: hash of the policy by whose prices it is done.
    """
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    records: list[Adjustment] = []
    for call, record in corrected:
        before[call.team] += call.cost
        after[call.team] += call.cost + record.amount
        records.append(record)
    if not records:
        return None
    old, new = ({team: usd_text(costs[team]) for team in sorted(before)} for costs in (before, after))
    more = {"adjustments": len(records), "policy": policy}
    change = Change(action, "..".join(days), {"cost_usd": old}, {"cost_usd": new, **more})
    return Corrections(tuple(records), change)


def _charged(row: Row) -> Charged:
    return Charged(
        attempt=row["attempt"],
        decision=row["decision"],
        at_ns=row["at"],
        target=row["target"],
        team=row["team"],
        usage=Usage(**{name: row[name] for name in Usage.__struct_fields__ if name != "estimated"}),
        cost=row["cost"],
        source=row["charged_by"] or row["price_source"],
        corrections=row["corrections"],
    )


def book(data_dir: DataDir, records: Sequence[Record], now_ns: int, chance: bytes) -> None:
    """Append corrections and return when they are durable; the ledger takes each once.

    Raises:
        LedgerUnavailable: the disk is full or failed.
        OSError: the spool cannot be made or written.
    """
    append(data_dir, records, "adj", now_ns, chance)
