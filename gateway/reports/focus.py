"""The ledger in FOCUS 1.0, the FinOps Foundation's format for costs of all vendors: a file that finance has tools for.

A row is what one key's calls of one task and model took at one target on one day (UTC), by what was billed: plain
input, cached input, cache writes, output, other. ``BilledCost`` is cash to vendors and nothing else; our own hardware
is in ``EffectiveCost``, allocated to those who used it, and idle in rows of its own.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

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
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for names, row in groups.items():
        for charge in charges(row):
            writer.writerow(_row(dict(zip(DIMENSIONS, names, strict=True)), charge, targets, account))
    for (target, day), amount in sorted(idle.items()):
        unused = Charge("idle", 1, "Days", 0, amount)
        writer.writerow(_row({"day": day, "target": target}, unused, targets, account))
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


def _row(names: Mapping[str, str], charge: Charge, targets: Mapping[str, Target], account: str) -> dict[str, Any]:
    day, target = date.fromisoformat(names["day"]), names["target"]
    month = day.replace(day=1)
    known = targets.get(target)
    vendor = _vendor(known)
    cost = usd_text(charge.effective)
    team = names.get("team", "")
    return {
        "BilledCost": usd_text(charge.billed),
        "EffectiveCost": cost,
        "ListCost": cost,
        "ContractedCost": cost,
        "BillingAccountId": account,
        "BillingAccountName": account,
        "BillingCurrency": "USD",
        "BillingPeriodStart": _time(month),
        "BillingPeriodEnd": _time(_next(month)),
        "ChargePeriodStart": _time(day),
        "ChargePeriodEnd": _time(day + timedelta(days=1)),
        "ChargeCategory": "Usage",
        "ChargeClass": "Correction" if charge.effective < 0 else "",
        "ChargeDescription": f"{charge.bucket.replace('_', ' ')} at {target}",
        "ChargeFrequency": "Usage-Based",
        **_quantities(charge),
        "PricingCategory": "Standard",
        "InvoiceIssuerName": vendor,
        "ProviderName": vendor,
        "PublisherName": vendor,
        **dict.fromkeys(("InvoiceIssuer", "Provider", "Publisher"), vendor),
        "ResourceID": target,
        "ChargeType": "Usage",
        "RegionId": known.region if known is not None else "",
        "RegionName": known.region if known is not None else "",
        "ResourceId": target,
        "ResourceName": known.model if known is not None else target,
        "ResourceType": "LLM target",
        "ServiceCategory": "AI and Machine Learning",
        "ServiceName": "LLM inference",
        "SkuId": f"{target}/{charge.bucket}",
        "SkuPriceId": f"{target}/{charge.bucket}",
        "SubAccountId": "" if team == _NONE else team,
        "SubAccountName": "" if team == _NONE else team,
        "Tags": _tags(names, charge),
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


def _tags(names: Mapping[str, str], charge: Charge) -> str:
    """Return who it was for, as JSON: names that callers choose cannot become a spreadsheet's formula in there."""
    wanted: Iterable[str] = ("team", "key", "model", "task", "cost_center")
    told = {name: printable(names[name]) for name in wanted if names.get(name, _NONE) != _NONE}
    return orjson.dumps(told | ({"idle": "true"} if charge.bucket == "idle" else {})).decode()


def _vendor(target: Target | None) -> str:
    if target is None:
        return "Unknown"
    return OWN if target.zone == "local" else _VENDORS.get(target.vendor, target.vendor)


def _next(month: date) -> date:
    return month.replace(year=month.year + month.month // _MONTHS, month=month.month % _MONTHS + 1)


def _time(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
