"""The blocks about callers: ``models``, ``rollouts``, ``teams``, ``tasks``."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.domain.label import Category
from gateway.policy.block import Block, Ident, Level, Number, OneOrMore, RolloutUnit, Substitution, Text
from gateway.policy.document.budgets import BudgetList, KeyBlock, RateLimitBlock
from gateway.policy.document.labelling import UnscannableBlock


class ModelBlock(Block):
    """A name that callers use, or a pattern of names."""

    name: Ident | None = None
    match: Text | None = None
    incumbent: Ident | None = None
    """The target that callers of this name are used to."""
    candidates: tuple[Ident, ...] = ()
    substitution: Substitution | None = None
    """Default: ``with_rollout`` if there is an incumbent, else ``free``."""

    @property
    def label(self) -> str:
        """The name or the pattern."""
        return self.name or self.match or ""

    @property
    def mode(self) -> Substitution:
        """The substitution in force."""
        return self.substitution or ("free" if self.incumbent is None else "with_rollout")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.name is None) == (self.match is None):
            raise ValueError("needs either `name` or `match`")
        if not self.candidates and self.incumbent is None:
            raise ValueError("has no candidates: nothing could ever serve it")
        if self.mode != "free" and self.incumbent is None:
            raise ValueError(f"substitution `{self.mode}` needs an `incumbent`")
        if self.mode == "never" and set(self.candidates) - {self.incumbent}:
            raise ValueError("substitution `never` uses only the incumbent, so other `candidates` are never used")
        return self


class RolloutBlock(Block):
    """A gradual move of a share of a model's traffic."""

    id: Ident
    model: Text
    """``name`` or ``match`` of a model, as it is written there."""
    when: Text | None = None
    to: Ident
    percent: Annotated[Number, Field(ge=0, le=100, multiple_of=0.01)]
    unit: RolloutUnit = "session"


class TeamBlock(Block):
    """A team."""

    id: Ident
    default_class: Level
    reference: Ident | None = None
    """The target that savings are reckoned against."""
    owner: Text | None = None
    cost_center: Text | None = None
    budget: BudgetList = ()
    rate_limit: RateLimitBlock | None = None
    mask: Literal["all"] | None = None
    """``all``: findings of every kind are masked for vendors, whatever their clearance lists; for coding agents."""
    on_unscannable: UnscannableBlock | None = None
    """Kinds of unreadable content that have another class for this team than for others: ``{image: internal}``."""
    keys: tuple[KeyBlock, ...] = ()
    """Budgets and rate limits of its keys: of each (``id`` left out), or of one, which then has these alone."""


class TaskMatch(Block):
    """Globs; all that are given must match, each by one of its patterns."""

    user_agent: OneOrMore | None = None
    team: OneOrMore | None = None
    model: OneOrMore | None = None
    key: OneOrMore | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("is empty: give at least one of user_agent, team, model, key")
        return self


class FloorMatch(Block):
    """Globs; all that are given must match, each by one of its patterns."""

    team: OneOrMore | None = None
    key: OneOrMore | None = None
    model: OneOrMore | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("is empty: give at least one of team, key, model")
        return self


class FloorBlock(Block):
    """The least label of what some callers send, whatever is found in it; no grant goes below it."""

    match: FloorMatch
    data_class: Annotated[Level, Field(alias="class")] = "public"
    categories: tuple[Category, ...] = ()
    regions: tuple[Ident, ...] | None = None
    """The only regions that may see it."""


class TaskBlock(Block):
    """A kind of work."""

    id: Ident
    match: TaskMatch
