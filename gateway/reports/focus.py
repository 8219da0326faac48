"""The ledger in FOCUS 1.0, the FinOps Foundation's format for costs of all vendors: a file that finance has tools for.

A row is what one key's calls of one task and model took at one target on one day (UTC), by what was billed: plain
input, cached input, cache writes, output, other. ``BilledCost`` is cash to vendors and nothing else; our own hardware
is in ``EffectiveCost``, allocated to those who used it, and idle in rows of its own.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from operator import itemgetter
from typing import Final

import orjson

from gateway.domain.costs import CostRow, Grouping
from gateway.domain.money import usd_text
from gateway.domain.target import Target
from gateway.reports.costs import printable

DIMENSIONS: Final[tuple[Grouping, ...]] = ("day", "team", "key", "model", "task", "target", "cost_center")
VERSION: Final = "1.0"
COLUMNS: Final = (
    *("BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd"),
    *("BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd"),
    *("ChargePeriodStart", "CommitmentDiscountCategory", "CommitmentDiscountId", "CommitmentDiscountName"),
    *("CommitmentDiscountStatus", "CommitmentDiscountType", "ConsumedQuantity", "ConsumedUnit", "ContractedCost"),
    *("ContractedUnitPrice", "EffectiveCost", "InvoiceIssuerName", "ListCost", "ListUnitPrice", "PricingCategory"),
    *("PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "RegionId", "RegionName", "ResourceId"),
    *("ResourceName", "ResourceType", "ServiceCategory", "ServiceName", "SkuId", "SkuPriceId", "SubAccountId"),
    *("SubAccountName", "Tags"),
    # As drafts of 1.0 called them; the official validator 1.0.0 still asks for these.
    *("InvoiceIssuer", "Provider", "Publisher", "ResourceID", "ChargeType"),
)
OWN: Final = "Own hardware"
_ALWAYS: Final = {
    "BillingCurrency": "USD",
    "ChargeCategory": "Usage",
    "ChargeType": "Usage",
    "ChargeFrequency": "Usage-Based",
    "PricingCategory": "Standard",
    "ResourceType": "LLM target",
    "ServiceCategory": "AI and Machine Learning",
    "ServiceName": "LLM inference",
}
_TAGS: Final = ("team", "key", "model", "task", "cost_center")
_NONE: Final = "(none)"
_MONTHS: Final = 12
_VENDORS: Final = {"api.openai.com": "OpenAI", "api.anthropic.com": "Anthropic"}
_PLACES: Final = Decimal("1e-15")


@dataclass(frozen=True, slots=True)
class Charge:
    """One bucket of a group's costs."""

    bucket: str
    quantity: int
    unit: str
    billed: int
    effective: int


def render(
    groups: Mapping[tuple[str, ...], CostRow],
    idle: Mapping[tuple[str, str], int],
    targets: Mapping[str, Target],
    account: str,
) -> str:
    """Return the file.

    Args:
        groups: sums by :data:`DIMENSIONS`.
        idle: target and day → what of the hardware's bill nobody used, in nano-dollars.
        targets: those of the policy, for vendors and regions.
        account: what the costs are billed to, as finance calls it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    ground = dict.fromkeys(COLUMNS, "") | _ALWAYS | {"BillingAccountId": account, "BillingAccountName": account}
    # cache: a month has thousands of rows and few days and targets
    of_day, of_target = cache(_of_day), cache(lambda name: _of_target(name, targets.get(name)))
    cells = itemgetter(*COLUMNS)
    for names, row in groups.items():
        told: dict[str, str] = dict(zip(DIMENSIONS, names, strict=True))
        common = {**ground, **of_day(told["day"]), **of_target(told["target"]), **_of_caller(told)}
        writer.writerows([cells({**common, **_of_charge(charge, told["target"])}) for charge in charges(row)])
    for (target, day), amount in sorted(idle.items()):
        unused = _of_charge(Charge("idle", 1, "Days", 0, amount), target)
        writer.writerow(cells({**ground, **of_day(day), **of_target(target), "Tags": '{"idle":"true"}', **unused}))
    return out.getvalue()


def charges(row: CostRow) -> Iterator[Charge]:
    """Yield what a group is charged; ``billed`` sums to its cash and ``effective`` to all of its cost, exactly."""
    cost = row.closed_cost + row.local_cost
    buckets = {
        "cached_input": (row.cached_input_tokens, row.cached_input_cost),
        "cache_write": (row.cache_write_tokens, row.cache_write_cost),
        "output": (row.output_tokens, row.output_cost),
    }
    plain = max(0, row.input_tokens - row.cached_input_tokens - row.cache_write_tokens)
    buckets["input"] = (plain, cost - row.other_cost - sum(amount for _, amount in buckets.values()))
    if row.closed_cost and row.local_cost:  # a target that moved between zones on that day: nobody knows whose tokens
        yield Charge("all", row.input_tokens + row.output_tokens, "Tokens", row.closed_cost, cost)
        return
    closed = bool(row.closed_cost)
    for name, (quantity, amount) in sorted(buckets.items()):
        if amount or (quantity and not cost):
            yield Charge(name, quantity, "Tokens", amount if closed else 0, amount)
    if row.other_cost:
        yield Charge("other", row.attempts, "Requests", row.other_cost if closed else 0, row.other_cost)


def _of_day(name: str) -> dict[str, str]:
    day = date.fromisoformat(name)
    month = day.replace(day=1)
    return {
        "BillingPeriodStart": _time(month),
        "BillingPeriodEnd": _time(_next(month)),
        "ChargePeriodStart": _time(day),
        "ChargePeriodEnd": _time(day + timedelta(days=1)),
    }


def _of_target(name: str, target: Target | None) -> dict[str, str]:
    vendor, region = _vendor(target), target.region if target is not None else ""
    names = ("InvoiceIssuerName", "ProviderName", "PublisherName", "InvoiceIssuer", "Provider", "Publisher")
    return {
        **dict.fromkeys(names, vendor),
        "RegionId": region,
        "RegionName": region,
        "ResourceId": name,
        "ResourceID": name,
        "ResourceName": target.model if target is not None else name,
    }


def _of_caller(names: Mapping[str, str]) -> dict[str, str]:
    """Return who it was for; as JSON, names that callers choose cannot become a spreadsheet's formula."""
    told = {name: printable(names[name]) for name in _TAGS if names[name] != _NONE}
    team = told.get("team", "")
    return {"SubAccountId": team, "SubAccountName": team, "Tags": orjson.dumps(told).decode()}


def _of_charge(charge: Charge, target: str) -> dict[str, str]:
    cost, sku = usd_text(charge.effective), f"{target}/{charge.bucket}"
    return {
        "BilledCost": usd_text(charge.billed),
        "EffectiveCost": cost,
        "ListCost": cost,
        "ContractedCost": cost,
        "ChargeClass": "Correction" if charge.effective < 0 else "",
        "ChargeDescription": f"{charge.bucket.replace('_', ' ')} at {target}",
        "SkuId": sku,
        "SkuPriceId": sku,
        **_quantities(charge),
    }


def _quantities(charge: Charge) -> dict[str, str]:
    """Return quantities with the mean price; a correction has neither, it corrects a price and not a quantity."""
    if charge.effective < 0 or not charge.quantity:
        return {}
    price = (Decimal(charge.effective) / charge.quantity / 1_000_000_000).quantize(_PLACES)
    return {
        "ConsumedQuantity": f"{charge.quantity}.0",
        "ConsumedUnit": charge.unit,
        "PricingQuantity": f"{charge.quantity}.0",
        "PricingUnit": charge.unit,
        "ListUnitPrice": f"{price:f}",
        "ContractedUnitPrice": f"{price:f}",
    }


def _vendor(target: Target | None) -> str:
    if target is None:
        return "Unknown"
    return OWN if target.zone == "local" else _VENDORS.get(target.vendor, target.vendor)


def _next(month: date) -> date:
    return month.replace(year=month.year + month.month // _MONTHS, month=month.month % _MONTHS + 1)


def _time(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
