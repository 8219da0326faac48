"""``prefer``: which of the permitted targets comes first."""

from functools import cached_property
from math import inf
from typing import Literal, Self

from pydantic import model_validator

from gateway.domain.decision import Reason
from gateway.domain.facts import Facts
from gateway.policy.block import Ident
from gateway.policy.rules.base import Bid, OrderingRule


class PreferRule(OrderingRule):
    """Orders by expected cost, quality, recent latency or a given order.

    Unknown quality and targets outside the given order come last. A target without recent latency comes first: it is
    tried, and then it is known.
    """

    kind: Literal["prefer"]
    by: Literal["cost", "quality", "latency", "order"]
    order: tuple[Ident, ...] = ()

    @cached_property
    def places(self) -> dict[str, int]:
        """The given order, numbered."""
        return {target: place for place, target in enumerate(self.order)}

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.by == "order") != bool(self.order):
            raise ValueError("ordering by `order` and a list `order` go together: give both or neither")
        return self

    @property
    def reason(self) -> Reason:
        """Return what it orders by."""
        return self.by

    def key(self, bid: Bid, facts: Facts) -> float:
        """Return cost, inverse quality, milliseconds or place."""
        if self.by == "cost":
            return bid.expected
        if self.by == "quality":
            return inf if bid.quality is None else -bid.quality
        if self.by == "order":
            return self.places.get(bid.target.id, inf)
        return next((ms for target, ms in facts.latency_ms if target == bid.target.id), -1)
