"""What of the calls to vendors our own hardware could take, as rows by team and task."""

from typing import Any, Final

from gateway.domain.money import usd_text
from gateway.policy.replay.migration import TOKEN_RATIO, Cell, Migration

METHOD: Final = (
    "Requests that vendors served, compared with every local target of the policy, whether it is a candidate of their "
    "model or not. A request fits if a local target of known quality for the task is dropped by no hard rule, except "
    "rules about money. Savings "
    "are what was charged minus the local cost of the same request: high at the planned rate and the same tokens, low "
    f"at the fully loaded rate and {TOKEN_RATIO:g} times the tokens (nobody has measured the ratio yet). GPUs are "
    "those of the busiest minute at 20, 40 and 60 % of the planned throughput."
)


def rows(found: Migration) -> list[dict[str, Any]]:
    """Return a row for each team and task, the most expensive first."""
    ordered = sorted(found.cells.items(), key=lambda item: (-item[1].spend, item[0]))
    return [_row(found, team, task, cell) for (team, task), cell in ordered]


def _row(found: Migration, team: str, task: str, cell: Cell) -> dict[str, Any]:
    return {
        "team": team,
        "task": task,
        "requests": cell.requests,
        "spend_usd": usd_text(cell.spend),
        "fits_requests": cell.fits,
        "fits_share_of_spend": cell.fits_spend / cell.spend if cell.spend else 0.0,
        "p95_context": cell.p95_context,
        "peak_tokens_per_second": round(sum(cell.peak(name) for name in cell.minutes), 1),
        "targets": sorted(cell.minutes),
        "gpus": {f"{share:.0%}": number for share, number in found.gpus(cell).items()},
        "saving_usd": {"low": usd_text(cell.saving_low), "high": usd_text(cell.saving_high)},
        "blockers": dict(cell.blockers.most_common()),
    }
