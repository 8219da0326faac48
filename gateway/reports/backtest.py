"""What another policy would have done with the requests of the past, as one report."""

from collections.abc import Sequence
from typing import Any, Final

from gateway.domain.money import usd_text
from gateway.policy.replay.backtest import COUNTS, Backtest
from gateway.policy.snapshot import PolicySnapshot

METHOD: Final = (
    "Each stored request is decided again on its stored facts; nothing is called. Labels are those of that time; "
    "health and load are not considered. Costs compare the target of that time with the target of the new policy, for "
    "the tokens that were used, both at the new policy's prices; requests that no target served, and targets that the "
    "new policy does not have, are not included."
)


def as_json(found: Backtest, snapshot: PolicySnapshot, days: float) -> dict[str, Any]:
    """Return the report for programs; ``days``: length of the span that was looked at."""

    def row(teams: Sequence[str]) -> dict[str, Any]:
        then, now = (sum(sums[team] for team in teams) for sums in (found.then_cost, found.now_cost))
        return {
            **{name: sum(found.counts[team][name] for team in teams) for name in COUNTS},
            "priced": sum(found.priced[team] for team in teams),
            "then_usd_a_day": usd_text(int(then / days)),
            "now_usd_a_day": usd_text(int(now / days)),
            "difference_usd_a_day": usd_text(int((now - then) / days)),
        }

    moves = sorted(found.moves.items(), key=lambda item: (-item[1], item[0]))
    return {
        "policy": snapshot.hash,
        "days": days,
        "total": row(sorted(found.counts)),
        "teams": [{"team": team, **row([team])} for team in sorted(found.counts)],
        "moves": [{"team": team, "from": old, "to": new, "requests": count} for (team, old, new), count in moves],
        "not_gathered_then": dict(sorted(found.missing.items())),
        "examples": dict(sorted(found.examples.items())),
        "method": METHOD,
    }
