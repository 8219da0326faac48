"""What all rules are: a hard rule says why a target may not take a request, an ordering rule how good it is at it."""

from abc import abstractmethod
from typing import ClassVar

from msgspec import Struct

from gateway.domain.decision import Reason
from gateway.domain.facts import Facts
from gateway.domain.target import Target
from gateway.domain.team import Team
from gateway.policy.block import Block, Ident, Text


class Bid(Struct, frozen=True):
    """A candidate with what it would cost and how good it would be for one request."""

    target: Target
    expected: int
    hold: int
    quality: float | None
    output: int = 0
    """The most output tokens of one choice."""


class Rule(Block):
    """A rule of any kind."""

    kind: str
    id: Ident = ""
    """Default: its kind."""
    why: str = ""
    """Shown to callers whom the rule refuses."""
    when: Text | None = None
    """CEL; the rule only holds where this does."""

    @property
    def name(self) -> str:
        """The effective id."""
        return self.id or self.kind


class HardRule(Rule):
    """Drops candidates; never adds one."""

    reason: ClassVar[Reason]
    certain: ClassVar[bool] = False
    """True: decides only by what a caller cannot fake, so that the egress matrix can count on it."""
    shared: ClassVar[bool] = False
    """True: looks at target, team, dialect, task, label and what may lift it (parts, exceptions, sealed blocks), never
    at size, money or time, so that its answer is the same for all calls that have these in common."""

    @abstractmethod
    def refusal(self, bid: Bid, facts: Facts, team: Team | None) -> str | None:
        """Say why the candidate may not take the request; None if it may."""


class OrderingRule(Rule):
    """Orders candidates; never drops one."""

    @property
    @abstractmethod
    def reason(self) -> Reason:
        """The word for a choice that this rule made."""

    @abstractmethod
    def key(self, bid: Bid, facts: Facts) -> float:
        """Return a number: the lower, the better."""
