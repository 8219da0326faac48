"""Prices in a policy file: the ``price`` of a target, ``prices`` that hold from a date on, and ``commitments``."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from gateway.policy.block import BY_MODEL, Block, Chance, Count, Ident, Money, Positive, Text
from gateway.policy.document.exceptions import Moment

Discount = Annotated[Chance, Field(lt=1)]


class TierBlock(Block):
    """Rates of calls above a size, in a tier of service, or both; an omitted rate moves like the input rate."""

    above_input_tokens: Count | None = None
    service: Literal["batch", "flex", "priority"] | None = None
    input_per_mtok_usd: Money
    output_per_mtok_usd: Money | None = None
    cached_input_per_mtok_usd: Money | None = None
    cache_write_per_mtok_usd: Money | None = None
    cache_write_1h_per_mtok_usd: Money | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.above_input_tokens is None and self.service is None:
            raise ValueError("needs above_input_tokens, service, or both")
        return self


class PriceBlock(Block):
    """A price: per million tokens, from planned GPU throughput, or out of the pinned price book."""

    input_per_mtok_usd: Money | None = None
    output_per_mtok_usd: Money | None = None
    cached_input_per_mtok_usd: Money | None = None
    cache_write_per_mtok_usd: Money | None = None
    cache_write_1h_per_mtok_usd: Money | None = None
    audio_input_per_mtok_usd: Money | None = None
    image_input_per_mtok_usd: Money | None = None
    audio_output_per_mtok_usd: Money | None = None
    reasoning_per_mtok_usd: Money | None = None
    web_search_usd: Money | None = None
    """For one search by the vendor's own tool."""
    tiers: tuple[TierBlock, ...] = ()
    gpu_hour_usd: Money | None = None
    """Lease of one GPU for an hour."""
    gpus: Positive | None = None
    purchase_usd: Money | None = None
    """Of all GPUs of the target together, instead of a lease."""
    depreciation_years: Positive | None = None
    power_kw: Money | None = None
    """Drawn by all of them under load."""
    power_usd_per_kwh: Money | None = None
    pue: Annotated[float, Field(ge=1)] | None = None
    """Power of the whole room for each unit that the machines draw; 1 if left out."""
    staff_usd_per_hour: Money | None = None
    """Share of the people who run it, and of all else that is not hardware: charged, but not used for ranking."""
    tokens_per_second: Positive | None = None
    planned_utilization: Annotated[Chance, Field(gt=0)] | None = None
    """Share of ``tokens_per_second`` that is planned to be used; 1 if left out."""
    cached_input_ratio: Chance | None = None
    catalog: Text | None = None
    """A key of the price book; ``price: catalog`` looks it up by the target's kind and model."""
    discount: Discount | None = None
    """Share that a contract takes off every rate, e.g. 0.12."""
    evidence: Text | None = None
    """Where the numbers come from: a measurement, a contract."""

    @property
    def form(self) -> Literal["tokens", "gpu", "catalog"]:
        """Which of the three ways of saying a price this is."""
        if self.catalog is not None:
            return "catalog"
        return "gpu" if self.tokens_per_second is not None else "tokens"

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        given = self.model_fields_set - {"evidence"}
        gpu = {"gpus", "cached_input_ratio", "planned_utilization", "staff_usd_per_hour"}
        power = {"power_kw", "power_usd_per_kwh", "pue"}
        special = {name for name in PriceBlock.model_fields if name.endswith("_per_mtok_usd")}
        forms: tuple[tuple[set[str], set[str]], ...] = (
            ({"input_per_mtok_usd", "output_per_mtok_usd"}, special | {"web_search_usd", "tiers", "discount"}),
            ({"gpu_hour_usd", "tokens_per_second"}, gpu | power),
            ({"purchase_usd", "depreciation_years", "tokens_per_second"}, gpu | power),
            ({"catalog"}, {"discount"}),
        )
        if not any(needed <= given <= needed | more for needed, more in forms):
            raise ValueError(
                "is not one of the three forms: input_per_mtok_usd + output_per_mtok_usd (and "
                "cached_input_per_mtok_usd, cache_write_per_mtok_usd, …, tiers, discount), gpu_hour_usd (or "
                "purchase_usd + depreciation_years) + tokens_per_second (and gpus, cached_input_ratio, "
                "planned_utilization, power_kw + power_usd_per_kwh, pue, staff_usd_per_hour), or catalog (and discount)"
            )
        names = [f"{tier.service or ''} above {tier.above_input_tokens or 0}".strip() for tier in self.tiers]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"lists the tier `{name.removesuffix(' above 0')}` twice: keep one")
        if given & power and not {"power_kw", "power_usd_per_kwh"} <= given:
            raise ValueError("power costs power_kw times power_usd_per_kwh (times pue): give both")
        return self


def _long_price(value: object) -> object:
    return {"catalog": BY_MODEL} if value == "catalog" else value


AnyPrice = Annotated[PriceBlock, BeforeValidator(_long_price, json_schema_input_type=PriceBlock | Literal["catalog"])]
"""A price, or the word ``catalog``."""


class DatedPriceBlock(Block):
    """A price that holds from a date on, for one target or for all targets of a model."""

    target: Ident | None = None
    model: Text | None = None
    start: Annotated[Moment, Field(alias="from")]
    price: AnyPrice | None = None
    """Without it: the price that was valid before, with another discount."""
    discount: Discount | None = None
    """Without it: the discount of ``price``, if there is one."""
    evidence: Text | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.target is None) == (self.model is None):
            raise ValueError("needs either `target` (its id) or `model` (all targets that serve it)")
        if self.price is None and self.discount is None:
            raise ValueError("changes nothing: give `price`, `discount`, or both")
        if self.price is not None and self.price.discount is not None and self.discount is not None:
            raise ValueError("has two discounts: keep one")
        return self


class CommitmentBlock(Block):
    """Money promised to a vendor for a time, paid whether it is used or not; charges are subtracted from it."""

    id: Ident
    usd: Annotated[Money, Field(gt=0)]
    start: Annotated[Moment, Field(alias="from")]
    to: Moment
    """The first second that it no longer covers."""
    covers: Annotated[tuple[Ident, ...], Field(min_length=1)]
    """Closed targets."""
    discount: Discount | None = None
    """Off their rates for as long as it lasts, instead of any other discount."""
    evidence: Text | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.to <= self.start:
            raise ValueError("ends before it begins: `to` must be after `from`")
        return self
