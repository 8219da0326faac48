"""The ``targets`` of a policy file."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from gateway.domain.label import Category
from gateway.domain.target import CommercialUse, Kind, Zone
from gateway.policy.block import Block, Chance, Count, Ident, Level, Money, Number, Positive, Text

Capability = Literal["tools", "json_schema", "vision", "audio", "reasoning", "logprobs", "embeddings"]
Contract = Literal["zdr", "dpa", "baa", "no_train"]


class ClearanceBlock(Block):
    """What a target may see."""

    max: Level
    forbid: tuple[Category, ...] = ()
    contracts: tuple[Contract, ...] = ()
    mask: tuple[Text, ...] = ()
    """Kinds of detectors whose findings are masked where the label would otherwise be too high."""


class LicenseBlock(Block):
    """A model's licence."""

    id: Text
    commercial_use: CommercialUse = "allowed"


class ParamsBlock(Block):
    """What is changed in a request's top-level fields on its way to the target."""

    set: dict[str, Any] = Field(default_factory=dict)
    default: dict[str, Any] = Field(default_factory=dict)
    drop: tuple[Text, ...] = ()
    clamp: dict[str, Number] = Field(default_factory=dict)


class TimeoutsBlock(Block):
    """Seconds."""

    connect: Positive | None = None
    first_token: Positive | None = None
    idle: Positive | None = None
    total: Positive | None = None


class PriceBlock(Block):
    """A price: per million tokens, from planned GPU throughput, or out of the pinned price book."""

    input_per_mtok_usd: Money | None = None
    output_per_mtok_usd: Money | None = None
    cached_input_per_mtok_usd: Money | None = None
    cache_write_per_mtok_usd: Money | None = None
    gpu_hour_usd: Money | None = None
    gpus: Positive | None = None
    tokens_per_second: Positive | None = None
    cached_input_ratio: Chance | None = None
    catalog: Text | None = None
    """A key of the price book; ``price: catalog`` looks it up by the target's kind and model."""
    evidence: Text | None = None
    """Where the numbers come from: a measurement, a contract."""

    @property
    def form(self) -> Literal["tokens", "gpu", "catalog"]:
        """Which of the three ways of saying a price this is."""
        if self.catalog is not None:
            return "catalog"
        return "gpu" if self.gpu_hour_usd is not None else "tokens"

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        given = self.model_fields_set - {"evidence"}
        forms: tuple[tuple[set[str], set[str]], ...] = (
            (
                {"input_per_mtok_usd", "output_per_mtok_usd"},
                {"cached_input_per_mtok_usd", "cache_write_per_mtok_usd"},
            ),
            ({"gpu_hour_usd", "tokens_per_second"}, {"gpus", "cached_input_ratio"}),
            ({"catalog"}, set()),
        )
        if not any(needed <= given <= needed | more for needed, more in forms):
            raise ValueError(
                "is not one of the three forms: input_per_mtok_usd + output_per_mtok_usd (and "
                "cached_input_per_mtok_usd, cache_write_per_mtok_usd), gpu_hour_usd + tokens_per_second (and gpus, "
                "cached_input_ratio), or catalog"
            )
        return self


BY_MODEL = "*"
"""Value of ``catalog`` for the short form: look the price up by kind and model."""


def _long_clearance(value: object) -> object:
    return {"max": value} if isinstance(value, str) else value


def _long_price(value: object) -> object:
    return {"catalog": BY_MODEL} if value == "catalog" else value


class TargetBlock(Block):
    """One model at one place."""

    id: Ident
    zone: Zone
    kind: Kind
    model: Text
    endpoints: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    """Roots of the servers of a local target."""
    api_base: Text | None = None
    """As in the kind's own SDK: of ``openai`` with ``/v1``, of ``anthropic`` the root."""
    api_key_env: Text | None = None
    """NAME of the environment variable that holds the vendor's key."""
    local_api_key_env: Text | None = None
    clearance: Annotated[
        ClearanceBlock, BeforeValidator(_long_clearance, json_schema_input_type=ClearanceBlock | Level)
    ]
    context_window: Count | None = None
    max_output_tokens: Count | None = None
    capabilities: tuple[Capability, ...] = ()
    license: LicenseBlock | None = None
    region: Ident | None = None
    params: ParamsBlock = ParamsBlock()
    price: Annotated[PriceBlock, BeforeValidator(_long_price, json_schema_input_type=PriceBlock | Literal["catalog"])]
    quality: dict[str, Chance] = Field(default_factory=dict)
    """Task -> chance that the answer is as good as the reference target's; ``default`` for the rest."""
    evidence: Text | None = None
    """Where the quality numbers come from: an evaluation, a shadow run."""
    timeouts: TimeoutsBlock = TimeoutsBlock()
    space: Text | None = None
    """Vector space of an embedding model; default: its model name."""
