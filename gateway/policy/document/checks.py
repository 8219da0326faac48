"""The blocks that test a policy: ``cases`` and ``invariants``."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from gateway.domain.decision import Reason
from gateway.domain.label import Category
from gateway.domain.target import Zone
from gateway.policy.block import Block, Flag, Ident, Level, Money, OneOrMore, Text

CaseError = Literal["no_permitted_route", "budget_exceeded", "model_not_found", "no_healthy_target"]


class Given(Block):
    """A request; omitted fields have harmless values."""

    model: Text
    team: Ident = "nobody"
    text: str = ""
    parts: tuple[dict[str, Any], ...] = ()
    """Further parts of the message, as a request of the dialect has them: pictures, files."""
    data_class: Annotated[Level | None, Field(alias="class")] = None
    """Raises what is found in the text and the team's default."""
    categories: tuple[Category, ...] = ()
    task: Ident | None = None
    """Default: by the policy's `tasks`."""
    user: str = ""
    session: str = ""
    key: str = ""
    stream: Flag = False
    has_tools: Flag = False
    has_images: Flag = False
    max_tokens: Annotated[int, Field(ge=0)] = 0
    dialect: str = "openai.chat"
    budget_left_usd: Money | None = None
    hour: Annotated[int, Field(ge=0, le=23)] = 12
    weekday: Annotated[int, Field(ge=0, le=6)] = 0
    down: tuple[Ident, ...] = ()
    """Targets that are known not to answer."""


class Expect(Block):
    """What must come out; only what is given is compared."""

    target: Ident | None = None
    zone: Zone | None = None
    dropped: tuple[Ident, ...] | None = None
    """Exactly these, in any order."""
    reason: Reason | None = None
    rule: Ident | None = None
    error: CaseError | None = None
    data_class: Level | None = None
    masked: Flag | None = None
    """Whether the target sees placeholders."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("is empty: a case that expects nothing always passes")
        if self.error is not None and (self.target is not None or self.zone is not None):
            raise ValueError("has `error` together with `target` or `zone`: keep one of them")
        return self


class Case(Block):
    """An example request and its expected decision."""

    name: Text
    given: Given
    expect: Expect


class Scope(Block):
    """Which requests an invariant is about; an omitted field means all."""

    team: OneOrMore | None = None
    data_class: Annotated[OneOrMore | None, Field(alias="class")] = None
    task: OneOrMore | None = None
    model: OneOrMore | None = None
    category: OneOrMore | None = None
    finding: OneOrMore | None = None
    """Kinds of findings, of which the request holds a sure one."""


class MaskedBlock(Block):
    """Whose masked requests an invariant is not about; all callers' if `team` is left out."""

    team: OneOrMore | None = None


class UnlessBlock(Block):
    """Which requests an invariant is not about."""

    masked: MaskedBlock


def _long_unless(value: object) -> object:
    return {"masked": {}} if value == "masked" else value


class Place(Block):
    """A set of targets: all that is given must fit."""

    target: OneOrMore | None = None
    zone: OneOrMore | None = None
    kind: OneOrMore | None = None
    region: OneOrMore | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("is empty: give at least one of target, zone, kind, region")
        return self


class Invariant(Block):
    """What must hold for every request there could be."""

    name: Text
    scope: Annotated[Scope, Field(alias="for")] = Scope()
    never: Place | None = None
    always: Place | None = None
    unless: Annotated[
        UnlessBlock | None,
        BeforeValidator(_long_unless, json_schema_input_type=UnlessBlock | Literal["masked"] | None),
    ] = None
    """``masked``: not about requests that are sent with what was found in them replaced by placeholders."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.never is None) == (self.always is None):
            raise ValueError("needs either `never` or `always`")
        return self
