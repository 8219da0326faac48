"""The blocks about money and rates: ``organization``, and ``budget``, ``rate_limit``, ``keys`` of a team."""

from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from gateway.domain.budget import Covers, Per
from gateway.policy.block import Block, Count, Flag, Ident, Money, Text


class DowngradeBlock(Block):
    """Go on with one target."""

    downgrade: Ident


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError("is not an IANA time zone name; write one such as Europe/Berlin") from error
    return name


Percent = Annotated[int, Field(gt=0, lt=100)]


def _shares(value: object) -> object:
    return (value,) if isinstance(value, int) else value


Soft = Annotated[tuple[Percent, ...], BeforeValidator(_shares, json_schema_input_type=Percent | tuple[Percent, ...])]


class BudgetBlock(Block):
    """What one payer may spend in a calendar period."""

    usd: Money | None = None
    tokens: Count | None = None
    """Input and output tokens; beside dollars, both limits hold."""
    per: Per = "month"
    covers: Covers = "closed"
    """``closed``: calls to vendors; ``all``: those to our own hardware too."""
    on_exhausted: Literal["reject", "local_only"] | DowngradeBlock = "reject"
    soft: Soft = ()
    """Percentages of the limit at which an alert is sent."""
    strict: Flag = False
    """Hold the true bound of each call, so that the limit is never passed."""
    time_zone: Annotated[Text, AfterValidator(_zone)] = "UTC"
    fiscal_start: Annotated[int, Field(ge=1, le=12)] = 1
    """The month in which quarters and years begin."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.usd is None and self.tokens is None:
            raise ValueError("needs `usd`, `tokens`, or both")
        return self


def _listed(value: object) -> object:
    return (value,) if isinstance(value, dict) else value


BudgetList = Annotated[
    tuple[BudgetBlock, ...],
    BeforeValidator(_listed, json_schema_input_type=BudgetBlock | tuple[BudgetBlock, ...]),
]
"""A budget, or a list of them; all hold."""


class RateLimitBlock(Block):
    """What one payer may ask for in any minute."""

    requests_per_minute: Count | None = None
    tokens_per_minute: Count | None = None
    """Estimated input and usual output; once a call has ended, what it really used."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.requests_per_minute is None and self.tokens_per_minute is None:
            raise ValueError("needs `requests_per_minute`, `tokens_per_minute`, or both")
        return self


class OrganizationBlock(Block):
    """What all teams together may spend and ask for."""

    budget: BudgetList = ()
    rate_limit: RateLimitBlock | None = None


class KeyBlock(Block):
    """What one key may spend and ask for."""

    id: Ident | None = None
    """Without it: each key of the team."""
    budget: BudgetList = ()
    rate_limit: RateLimitBlock | None = None
