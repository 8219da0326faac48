"""``budget``: what the caller's budgets cannot pay any more is not a candidate."""

from collections.abc import Iterator
from typing import ClassVar, Literal, NamedTuple

from gateway.domain.budget import Budget, Unit
from gateway.domain.decision import Reason
from gateway.domain.facts import Facts
from gateway.domain.money import usd_text
from gateway.domain.team import Team
from gateway.estimation.cost import NO_BOUND, is_bounded
from gateway.estimation.typical import true_bound, usual
from gateway.policy.rules.base import Bid, HardRule


class BudgetRule(HardRule):
    """Drops targets that a budget covers when a call would hold more than what is left of it.

    With ``on_exhausted: local_only`` local targets stay, with ``downgrade`` the target that it names, if it is local.
    """

    reason: ClassVar[Reason] = "budget"
    kind: Literal["budget"]

    def refusal(self, bid: Bid, facts: Facts, team: Team | None) -> str | None:
        """Refuse what a budget does not cover."""
        return next((short.detail for short in unpaid(bid, facts, team)), None)


class Unpaid(NamedTuple):
    """A limit of a budget of which less is left than a candidate would hold."""

    budget: Budget
    unit: Unit
    detail: str
    """Text for the decision."""


def unpaid(bid: Bid, facts: Facts, team: Team | None) -> Iterator[Unpaid]:
    """Yield the limits of which less is left than a candidate would hold."""
    if team is None or not team.budgets:
        return
    used = dict(facts.used)
    for budget in team.paying(facts.key):
        if not budget.binds(bid.target.zone, bid.target.id):
            continue
        if budget.strict and not is_bounded(facts):
            yield Unpaid(budget, next(budget.limits())[0], NO_BOUND)
            continue
        for unit, limit in budget.limits():
            left = limit - used[name] if (name := budget.name(unit)) in used else _only(facts, unit)
            if left is None:
                continue
            need = bid.hold if unit == "usd" else true_bound(bid.target, facts, unit)
            if not budget.strict:
                need = usual(bid.target, facts, unit, need)
            if need > left:
                yield Unpaid(budget, unit, _detail(unit, need, left))


def _only(facts: Facts, unit: Unit) -> int | None:
    return facts.budget_left_nanos if unit == "usd" else None


def _detail(unit: Unit, need: int, left: int) -> str:
    if unit == "usd":
        return f"may cost {usd_text(need)} USD, {usd_text(left)} USD left"
    return f"may take {need} tokens, {left} left"
