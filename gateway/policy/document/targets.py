"""The ``targets`` of a policy file."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from gateway.domain.label import Category
from gateway.domain.target import CommercialUse, Dialect, Kind, Zone
from gateway.policy.block import Block, Chance, Count, Ident, Level, Number, Positive, Text
from gateway.policy.document.prices import AnyPrice

Capability = Literal["tools", "json_schema", "vision", "audio", "pdf", "file", "reasoning", "logprobs", "embeddings"]
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


def _long_clearance(value: object) -> object:
    return {"max": value} if isinstance(value, str) else value


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
    price: AnyPrice
    quality: dict[str, Chance] = Field(default_factory=dict)
    """Task -> chance that the answer is as good as the reference target's; ``default`` for the rest."""
    evidence: Text | None = None
    """Where the quality numbers come from: an evaluation, a shadow run."""
    timeouts: TimeoutsBlock = TimeoutsBlock()
    dialects: Annotated[tuple[Dialect, ...], Field(min_length=1)] | None = None
    """What its servers speak; default: all that those of its kind can."""
    space: Text | None = None
    """Vector space of an embedding model; default: its model name."""
