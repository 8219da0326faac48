"""The ledger in FOCUS 1.0, the FinOps Foundation's format for costs of all vendors: a file that finance has tools for.

A row is what one key's calls of one task and model took at one target on one day (UTC), by what was billed: plain
input, cached input, cache writes, output, other. ``BilledCost`` is cash to vendors and nothing else; our own hardware
is in ``EffectiveCost``, allocated to those who used it, and idle in rows of its own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Final, NamedTuple

import orjson

from gateway.domain.costs import Grouping
from gateway.domain.money import NANOS_PER_USD, usd_text
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
    # As drafts of 1.0 called them; the official validator 1.0.0 still requires these.
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
_NONE: Final = "(none)"
_MONTHS: Final = 12
_VENDORS: Final = {"api.openai.com": "OpenAI", "api.anthropic.com": "Anthropic"}
_NOBODY: Final = ("", '"{""idle"":""true""}"')
_STEPS: Final = 1_000_000
_PIECE: Final = 500
"""Lines."""
_BILLED, _EFFECTIVE, _LIST, _CONTRACTED = map(
    COLUMNS.index, ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
)
_TEAM_ID, _TEAM_NAME, _TAGS_AT, _CLASS = map(COLUMNS.index, ("SubAccountId", "SubAccountName", "Tags", "ChargeClass"))
_CONSUMED, _CONSUMED_UNIT, _PRICED, _PRICED_UNIT = map(
    COLUMNS.index, ("ConsumedQuantity", "ConsumedUnit", "PricingQuantity", "PricingUnit")
)
_LIST_PRICE, _CONTRACTED_PRICE = map(COLUMNS.index, ("ListUnitPrice", "ContractedUnitPrice"))


class FocusCharges(NamedTuple):
    """What a group's calls took and cost, as :class:`~gateway.domain.costs.CostRow` says, in nano-dollars."""

    attempts: int = 0
    input_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    closed_cost: int = 0
    local_cost: int = 0
    cached_input_cost: int = 0
    cache_write_cost: int = 0
    output_cost: int = 0
    other_cost: int = 0
    discount: int = 0


class Charge(NamedTuple):
    """One bucket of a group's costs."""

    bucket: str
    quantity: int
    unit: str
    billed: int
    effective: int
    discount: int = 0
    """What a contract took off its list price."""


def render(
    groups: Iterable[tuple[tuple[str, ...], FocusCharges]],
    idle: Mapping[tuple[str, str], int],
    targets: Mapping[str, Target],
    account: str,
) -> Iterator[str]:
    """Yield the file in pieces.

    Args:
        groups: sums by :data:`DIMENSIONS`.
        idle: target and day → cost of idle hardware, in nano-dollars.
        targets: those of the policy, for vendors and regions.
        account: what the costs are billed to, as finance calls it.
    """
    ground = dict.fromkeys(COLUMNS, "") | _ALWAYS | {"BillingAccountId": account, "BillingAccountName": account}

    # cache: a month has tens of thousands of rows, and few days, targets, buckets and callers
    @cache
    def common(day: str, target: str, bucket: str) -> list[str]:
        values = {**ground, **_of_day(day), **_of_target(target, targets.get(target)), **_of_bucket(bucket, target)}
        return [_quoted(values[name]) for name in COLUMNS]

    of_caller = cache(_of_caller)
    lines = [",".join(COLUMNS)]
    for (day, *caller, target, cost_center), charged in groups:
        who = of_caller(*caller, cost_center)
        found = listed(tuple(charges(charged)), charged.discount)
        lines.extend(_line(common(day, target, charge.bucket), charge, who) for charge in found)
        if len(lines) > _PIECE:
            yield "\n".join([*lines, ""])
            lines.clear()
    for (target, day), amount in sorted(idle.items()):
        lines.append(_line(common(day, target, "idle"), Charge("idle", 1, "Days", 0, amount), _NOBODY))
    yield "\n".join([*lines, ""]) if lines else ""


def _quoted(text: str) -> str:
    """Return a cell as the csv module writes it: that took most of the time of a file whose cells repeat."""
    return '"' + text.replace('"', '""') + '"' if any(char in text for char in ',"\r\n') else text


def charges(row: FocusCharges) -> Iterator[Charge]:
    """Yield what a group is charged; ``billed`` sums to its cash and ``effective`` to all of its cost, exactly."""
    cost = row.closed_cost + row.local_cost
    if row.closed_cost and row.local_cost:  # a target that moved between zones on that day: it is unknown whose tokens
        yield Charge("all", row.input_tokens + row.output_tokens, "Tokens", row.closed_cost, cost)
        return
    closed = bool(row.closed_cost)
    plain_cost = cost - row.other_cost - row.cached_input_cost - row.cache_write_cost - row.output_cost
    plain = max(0, row.input_tokens - row.cached_input_tokens - row.cache_write_tokens)
    for name, quantity, amount in (
        ("cache_write", row.cache_write_tokens, row.cache_write_cost),
        ("cached_input", row.cached_input_tokens, row.cached_input_cost),
        ("input", plain, plain_cost),
        ("output", row.output_tokens, row.output_cost),
    ):
        if amount or (quantity and not cost):
            yield Charge(name, quantity, "Tokens", amount if closed else 0, amount)
    if row.other_cost:
        yield Charge("other", row.attempts, "Requests", row.other_cost if closed else 0, row.other_cost)


def listed(found: Sequence[Charge], discount: int) -> Iterator[Charge]:
    """Yield charges with their parts of a group's discount, which go by their costs and sum to it exactly."""
    whole = sum(max(0, charge.effective) for charge in found)
    if not discount or not found:
        yield from found
        return
    shared, cost = 0, 0
    for number, charge in enumerate(found, 1):
        cost += max(0, charge.effective)
        # What was free has no costs to share by: it is put in the first.
        upto = discount * cost // whole if whole else discount
        part = (discount if number == len(found) else upto) - shared
        shared += part
        yield charge._replace(discount=part)


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


def _of_caller(team: str, key: str, model: str, task: str, cost_center: str) -> tuple[str, str]:
    """Return the team and the tags; as JSON, names that callers choose cannot become a spreadsheet's formula."""
    names = {"team": team, "key": key, "model": model, "task": task, "cost_center": cost_center}
    tags = {name: printable(value) for name, value in names.items() if value != _NONE}
    return _quoted(tags.get("team", "")), _quoted(orjson.dumps(tags).decode())


def _of_bucket(bucket: str, target: str) -> dict[str, str]:
    sku = f"{target}/{bucket}"
    return {"ChargeDescription": f"{bucket.replace('_', ' ')} at {target}", "SkuId": sku, "SkuPriceId": sku}


def _line(common: Sequence[str], charge: Charge, who: tuple[str, str]) -> str:
    """Return a row of cells that are quoted already; a correction has no quantity, it corrects a price."""
    cells = [*common]
    cost = usd_text(charge.effective)
    cells[_BILLED] = cost if charge.billed == charge.effective else usd_text(charge.billed)
    cells[_EFFECTIVE] = cells[_CONTRACTED] = cost
    cells[_LIST] = usd_text(charge.effective + charge.discount) if charge.discount else cost
    cells[_TEAM_ID] = cells[_TEAM_NAME] = who[0]
    cells[_TAGS_AT] = who[1]
    if charge.effective < 0:
        cells[_CLASS] = "Correction"
    elif charge.quantity:
        cells[_CONSUMED] = cells[_PRICED] = f"{charge.quantity}.0"
        cells[_CONSUMED_UNIT] = cells[_PRICED_UNIT] = charge.unit
        cells[_CONTRACTED_PRICE] = _unit_price(charge.effective, charge.quantity)
        cells[_LIST_PRICE] = _unit_price(charge.effective + charge.discount, charge.quantity)
    return ",".join(cells)


def _unit_price(nanos: int, quantity: int) -> str:
    """Return dollars for one, rounded down to a millionth of a nano-dollar."""
    whole, places = divmod(nanos * _STEPS // quantity, NANOS_PER_USD * _STEPS)
    return f"{whole}.{places:015d}"


def _vendor(target: Target | None) -> str:
    if target is None:
        return "Unknown"
    return OWN if target.zone == "local" else _VENDORS.get(target.vendor, target.vendor)


def _next(month: date) -> date:
    return month.replace(year=month.year + month.month // _MONTHS, month=month.month % _MONTHS + 1)


def _time(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
