"""What a period costs at corrected prices, beside what it is booked at."""

from collections import Counter
from typing import Any

from gateway.domain.money import usd_text
from gateway.pricing.rerate import Correction, Rerated
from gateway.reports.span import Span


def as_json(found: Rerated, span: Span, policy: str) -> dict[str, Any]:
    """Return the report for programs; ``policy``: hash of the one with the corrected prices."""
    return {
        "report": "rerate",
        "from": span.first,
        "to": span.last,
        "policy": policy,
        "attempts": found.looked_at,
        "unknown_targets": list(found.unknown),
        "difference_usd": usd_text(sum(one.amount for one in found.corrections)),
        "by_team": {team: usd_text(amount) for team, amount in sorted(by_team(found).items())},
        "rows": [_row(one) for one in found.corrections],
    }


def _row(one: Correction) -> dict[str, Any]:
    call = one.charged
    return {
        "adjustment": one.id,
        "attempt": call.attempt,
        "decision": call.decision,
        "team": call.team,
        "target": call.target,
        "before_usd": usd_text(call.cost),
        "after_usd": usd_text(one.cost),
        "difference_usd": usd_text(one.amount),
        "price_before": call.source,
        "price_after": one.source,
        "price_version": one.version,
    }


def by_team(found: Rerated) -> Counter[str]:
    """Return what is to be added, in nano-dollars."""
    teams: Counter[str] = Counter()
    for one in found.corrections:
        teams[one.charged.team] += one.amount
    return teams
