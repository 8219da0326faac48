"""What a policy says about money, made into tariffs: which price a target has, from when on, with what discount."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from gateway.domain.money import from_usd
from gateway.domain.price import GpuHour, Price, Tariff, TariffPeriod, Tier
from gateway.policy.block import BY_MODEL
from gateway.pricing.gpu import Hardware
from gateway.pricing.tiers import PLAIN_RATES, SPECIAL_RATES, discounted, resourced, tier_of

if TYPE_CHECKING:
    from gateway.policy.document import PolicyDocument
    from gateway.policy.document.prices import CommitmentBlock, PriceBlock
    from gateway.policy.document.targets import TargetBlock
    from gateway.pricing.book import Listing, PriceBook

NO_PRICE: Final = Price(0, 0, 0, 0, "")
"""Stands for what a tariff answers of a time before its first period; resolved tariffs begin with time itself."""


@dataclass(frozen=True, slots=True)
class _State:
    """What holds at a moment: a price as written, the discount on it, and where both come from."""

    block: "PriceBlock"
    discount: float
    since: str


def listing_for(target: "TargetBlock", prices: "PriceBook", block: "PriceBlock | None" = None) -> "Listing | None":
    """Return what the price book knows of a target's model: under the key it names, else by kind and model."""
    key = (block or target.price).catalog
    if key is not None and key != BY_MODEL:
        return prices.listing_of(key)
    return prices.listing(target.kind, target.model)


def is_known(target: "TargetBlock", block: "PriceBlock", prices: "PriceBook") -> bool:
    """Return whether a price is known: only what is to come out of the price book may be missing there."""
    if block.form != "catalog":
        return True
    listing = listing_for(target, prices, block)
    return listing is not None and listing.price is not None


def tariff_of(target: "TargetBlock", document: "PolicyDocument", prices: "PriceBook") -> Tariff:
    """Return what a target costs, by date and tier. The document must have been checked."""
    changes = sorted(
        (one for one in document.prices if one.target == target.id or one.model == target.model),
        key=lambda one: (one.start, one.target is not None),
    )
    spans: list[CommitmentBlock] = [
        one for one in document.commitments if target.id in one.covers and one.discount is not None
    ]
    edges = {nanoseconds(one.start) for one in changes}
    edges |= {nanoseconds(moment) for one in spans for moment in (one.start, one.to)}
    periods = []
    for edge in sorted({0} | {edge for edge in edges if edge > 0}):
        state = _State(target.price, target.price.discount or 0, "")
        for change in changes:
            if nanoseconds(change.start) <= edge:
                since = f":{change.start.date().isoformat()}"
                before = change.price.discount or 0 if change.price is not None else state.discount
                discount = before if change.discount is None else change.discount
                state = _State(change.price or state.block, discount, since)
        held = [one.discount or 0 for one in spans if nanoseconds(one.start) <= edge < nanoseconds(one.to)]
        if held:
            state = _State(state.block, max(held), state.since)
        periods.append(_period(edge, state, target, prices))
    return Tariff(tuple(periods))


def tells_more(tariff: Tariff) -> bool:
    """Return whether a tariff says more than one price: a discounted one has its list price beside it."""
    first = tariff.periods[0]
    return (
        len(tariff.periods) > 1 or first.hour is not None or len(first.tiers) > 1 or first.tiers[0].listed is not None
    )


def nanoseconds(moment: datetime) -> int:
    """Return a time as Unix time in nanoseconds."""
    return int(moment.timestamp()) * 1_000_000_000


def _period(start: int, state: _State, target: "TargetBlock", prices: "PriceBook") -> TariffPeriod:
    block = state.block
    if block.form == "gpu":
        hardware = _hardware(block)
        planned, loaded = hardware.planned(), hardware.loaded()
        hour = GpuHour(hardware.bill(), hardware.tokens(), float(block.gpus or 1))
        return TariffPeriod(start, (Tier("", 0, loaded),), planned, hour)
    if block.form == "catalog":
        listing = listing_for(target, prices, block)
        assert listing is not None
        tiers = listing.tiers
    else:
        tiers = _written(block)
    if state.since:
        tiers = tuple([resourced(tier, _dated(tier.price.source, state.since)) for tier in tiers])
    if state.discount:
        share = Decimal(str(state.discount))
        tiers = tuple([discounted(tier, share, f"-{(share * 100).normalize():f}%") for tier in tiers])
    return TariffPeriod(start, tiers)


def _dated(source: str, since: str) -> str:
    """Return a source with the date since which it holds."""
    return source.partition("#")[0] + since


def _written(block: "PriceBlock") -> tuple[Tier, ...]:
    """Return the tiers of a price in the policy itself."""
    given = _rates(block)
    plain = Price(
        input=given["input"],
        output=given["output"],
        cached_input=given.get("cached_input", given["input"]),
        cache_write=given.get("cache_write", given["input"]),
        source="yaml",
        **{name: given.get(name) for name in SPECIAL_RATES},
        web_search=None if block.web_search_usd is None else from_usd(block.web_search_usd),
    )
    return (
        Tier("", 0, plain),
        *(tier_of(plain, tier.service or "", tier.above_input_tokens or 0, _rates(tier)) for tier in block.tiers),
    )


def _rates(block: object) -> dict[str, int]:
    """Return those rates that a block gives, in nano-dollars a million tokens."""
    given = {name: getattr(block, f"{name}_per_mtok_usd", None) for name in (*PLAIN_RATES, *SPECIAL_RATES)}
    return {name: from_usd(rate) for name, rate in given.items() if rate is not None}


def _hardware(block: "PriceBlock") -> Hardware:
    def exact(value: float | None, otherwise: int = 0) -> Decimal:
        return Decimal(str(otherwise if value is None else value))

    return Hardware(
        tokens_per_second=exact(block.tokens_per_second),
        lease_usd_per_hour=exact(block.gpu_hour_usd) * exact(block.gpus, 1),
        purchase_usd=exact(block.purchase_usd),
        depreciation_years=exact(block.depreciation_years, 1),
        power_usd_per_hour=exact(block.power_kw) * exact(block.power_usd_per_kwh) * exact(block.pue, 1),
        staff_usd_per_hour=exact(block.staff_usd_per_hour),
        utilization=exact(block.planned_utilization, 1),
        cached_input_ratio=exact(block.cached_input_ratio),
    )
