"""What a payer may spend and ask for: budgets and a rate limit. One plain budget keeps the form it always had."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateway.domain.budget import Budget, Payer, RateLimit
from gateway.domain.money import from_usd

if TYPE_CHECKING:
    from gateway.policy.document.budgets import BudgetBlock, KeyBlock, OrganizationBlock, RateLimitBlock
    from gateway.policy.document.callers import TeamBlock

_ALWAYS: Final = ("usd_nanos", "per", "covers", "on_exhausted")
"""Fields that are in the data even at their default, as they were before there were others."""
_LATER: Final = ("tokens", "downgrade", "soft", "strict", "time_zone", "fiscal_start")
_PLAIN: Final = Budget()


@dataclass(frozen=True, slots=True)
class Purse:
    """What one payer's calls are paid from, and how many there may be."""

    payer: Payer
    key: str = ""
    """Of payer ``key``: the one key that it is for; empty for each key of the team."""
    budgets: tuple[Budget, ...] = ()
    """Of this payer and key."""
    rate_limit: RateLimit | None = None


def from_document(block: "OrganizationBlock | TeamBlock | KeyBlock", payer: Payer) -> Purse:
    """Return the purse of a block."""
    from gateway.policy.document.budgets import KeyBlock  # noqa: PLC0415 -- who only reads policies has no blocks

    key = (block.id or "") if isinstance(block, KeyBlock) else ""
    budgets = tuple([_written(one, payer, key) for one in block.budget])
    return Purse(payer, key, budgets, _limit_written(block.rate_limit, payer, key))


def to_canonical(purse: Purse) -> dict[str, Any]:
    """Return plain data, without whose it is: it is at its payer's place. ``budget`` is None, one, or a list."""
    data = [_data(one) for one in purse.budgets]
    limit = purse.rate_limit
    rate = {} if limit is None else {"rate_limit": {"requests": limit.requests, "tokens": limit.tokens}}
    return {"budget": data if len(data) > 1 else next(iter(data), None), **rate}


def from_canonical(item: dict[str, Any], payer: Payer, key: str = "") -> Purse:
    """Rebuild a payer's purse from :func:`to_canonical`; an empty item is an empty purse."""
    found = item.get("budget")
    listed: Sequence[dict[str, Any]] = found if isinstance(found, list) else [] if found is None else [found]
    budgets = [Budget(**{**data, "soft": tuple(data.get("soft", ())), "payer": payer, "key": key}) for data in listed]
    rate = item.get("rate_limit")
    limit = RateLimit(payer, rate["requests"], rate["tokens"], key) if rate else None
    return Purse(payer, key, tuple(budgets), limit)


def _written(block: "BudgetBlock", payer: Payer, key: str) -> Budget:
    action = block.on_exhausted
    return Budget(
        usd_nanos=None if block.usd is None else int(from_usd(block.usd)),
        per=block.per,
        covers=block.covers,
        on_exhausted=action if isinstance(action, str) else "downgrade",
        tokens=block.tokens,
        downgrade="" if isinstance(action, str) else action.downgrade,
        soft=tuple([round(share) for share in sorted(set(block.soft))]),
        strict=block.strict,
        time_zone=block.time_zone,
        fiscal_start=block.fiscal_start,
        payer=payer,
        key=key,
    )


def _limit_written(block: "RateLimitBlock | None", payer: Payer, key: str) -> RateLimit | None:
    return None if block is None else RateLimit(payer, block.requests_per_minute, block.tokens_per_minute, key)


def _data(budget: Budget) -> dict[str, Any]:
    later = [name for name in _LATER if getattr(budget, name) != getattr(_PLAIN, name)]
    data = {name: getattr(budget, name) for name in (*_ALWAYS, *later)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in data.items()}
