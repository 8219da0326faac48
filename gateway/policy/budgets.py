"""Budgets and rate limits as canonical data and back; one plain budget keeps the form and the hash it always had."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from gateway.domain.budget import Budget, Payer, RateLimit
from gateway.domain.money import from_usd
from gateway.policy.document.budgets import BudgetBlock, DowngradeBlock, OrganizationBlock, RateLimitBlock
from gateway.policy.document.callers import TeamBlock

_ALWAYS: Final = ("usd_nanos", "per", "covers", "on_exhausted")
"""Fields that stand in the data even at their default, as they did before there were others."""
_PLAIN: Final = Budget()


def budget_data(budgets: Sequence[BudgetBlock]) -> Any:
    """Return None, the data of one budget, or a list of several."""
    data = [_budget(one) for one in budgets]
    return data if len(data) > 1 else next(iter(data), None)


def payers_data(team: TeamBlock) -> dict[str, Any]:
    """Return a team's rate limit and what its keys have, if there is anything."""
    data: dict[str, Any] = _rate_data(team.rate_limit)
    if team.keys:
        data["keys"] = [
            {"id": one.id or "", "budget": budget_data(one.budget), **_rate_data(one.rate_limit)} for one in team.keys
        ]
    return data


def organization_data(block: OrganizationBlock | None) -> dict[str, Any]:
    """Return the organization's budgets and rate limit, if there is anything."""
    if block is None:
        return {}
    return {"organization": {"budget": budget_data(block.budget), **_rate_data(block.rate_limit)}}


def budgets_of(team: dict[str, Any], organization: dict[str, Any]) -> tuple[Budget, ...]:
    """Build all budgets of a team's calls, the payer with the widest reach first."""
    return tuple(
        Budget(**{**data, "soft": tuple(data.get("soft", ())), "payer": payer, "key": key})
        for payer, key, item in _payers(team, organization)
        for data in _listed(item.get("budget"))
    )


def rate_limits_of(team: dict[str, Any], organization: dict[str, Any]) -> tuple[RateLimit, ...]:
    """Build all rate limits of a team's calls, likewise."""
    return tuple(
        RateLimit(payer, item["rate_limit"]["requests"], item["rate_limit"]["tokens"], key)
        for payer, key, item in _payers(team, organization)
        if item.get("rate_limit")
    )


def _payers(team: dict[str, Any], organization: dict[str, Any]) -> Iterator[tuple[Payer, str, dict[str, Any]]]:
    yield "organization", "", organization
    yield "team", "", team
    for item in team.get("keys", ()):
        yield "key", item["id"], item


def _listed(data: Any) -> list[dict[str, Any]]:
    if data is None:
        return []
    return data if isinstance(data, list) else [data]


def _budget(block: BudgetBlock) -> dict[str, Any]:
    action = block.on_exhausted
    moved = action.downgrade if isinstance(action, DowngradeBlock) else ""
    data = {
        "usd_nanos": None if block.usd is None else int(from_usd(block.usd)),
        "per": block.per,
        "covers": block.covers,
        "on_exhausted": "downgrade" if moved else action,
        "tokens": block.tokens,
        "downgrade": moved,
        "soft": [round(share) for share in sorted(set(block.soft))],
        "strict": block.strict,
        "time_zone": block.time_zone,
        "fiscal_start": block.fiscal_start,
    }
    return {
        name: value
        for name, value in data.items()
        if name in _ALWAYS or value != ([] if name == "soft" else getattr(_PLAIN, name))
    }


def _rate_data(block: RateLimitBlock | None) -> dict[str, Any]:
    if block is None:
        return {}
    return {"rate_limit": {"requests": block.requests_per_minute, "tokens": block.tokens_per_minute}}
