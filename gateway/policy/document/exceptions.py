"""The ``exceptions`` of a policy file: who may send what in spite of the rule, why, who answers for it, until when."""

from datetime import UTC, date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from gateway.domain.exceptions import LONGEST_S
from gateway.domain.label import Category
from gateway.policy.block import Block, Ident, Level, Text

SaltedValue = Annotated[str, StringConstraints(pattern=r"^[^:\s]{1,64}:[0-9a-f]{32}$")]
"""``salt:digest``, as ``gateway sensitivity hash`` prints it."""


def _day(value: object) -> object:
    """Take a YAML date for its midnight in UTC."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value


def _utc(value: datetime) -> datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


Moment = Annotated[datetime, BeforeValidator(_day), AfterValidator(_utc)]
"""A time to the second; without an offset it is UTC."""


class ExceptionBlock(Block):
    """An exception: findings of ``detectors`` that do not count, or ``targets`` that may see more."""

    id: Ident
    owner: Text
    reason: Text
    teams: Annotated[tuple[Ident, ...], Field(min_length=1)]
    start: Annotated[Moment, Field(alias="from")]
    until: Moment
    """The first second in which it no longer holds; at most 90 days after ``from``."""
    detectors: tuple[Text, ...] = ()
    values: tuple[SaltedValue, ...] = ()
    targets: tuple[Ident, ...] = ()
    max: Level | None = None
    categories: tuple[Category, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> Self:
        lasts = (self.until - self.start).total_seconds()
        if lasts <= 0:
            raise ValueError("ends before it begins: `until` must be after `from`")
        if lasts > LONGEST_S:
            raise ValueError("lasts longer than 90 days; for longer, change the policy itself")
        if bool(self.detectors) == bool(self.targets):
            raise ValueError("needs either `detectors` (whose findings do not count) or `targets` (that may see more)")
        if self.targets and self.max is None:
            raise ValueError("needs `max`: the highest class that its `targets` may see")
        if self.targets and self.values:
            raise ValueError("`values` go with `detectors`")
        if self.detectors and (self.max is not None or self.categories):
            raise ValueError("`max` and `categories` go with `targets`")
        return self
