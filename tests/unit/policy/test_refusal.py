"""What a decision that cannot be served is refused with."""

import pytest

from gateway.domain.decision import Decision, Dropped, Ranked
from gateway.domain.label import DataClass
from gateway.domain.team import Budget, Team
from gateway.policy.refusal import refusal

HOME = Ranked("home", "local", 1, 1, None)


def decided(*, ranked=(), reasons=(), reason=None) -> Decision:
    dropped = tuple(Dropped(f"t{number}", "r", each, "") for number, each in enumerate(reasons))
    return Decision("m", ranked, dropped, reason, "", "", "")


def team(on_exhausted=None) -> Team:
    budget = None if on_exhausted is None else Budget(1, on_exhausted=on_exhausted)
    return Team("t", DataClass.INTERNAL, budget=budget)


@pytest.mark.parametrize(
    ("decision", "owner", "code"),
    [
        (decided(ranked=(HOME,), reason="cost"), team(), None),
        (decided(ranked=(HOME,), reason="cost"), None, None),
        (decided(ranked=(HOME,), reasons=["budget"], reason="budget"), team("local_only"), None),
        (decided(ranked=(HOME,), reasons=["budget"], reason="budget"), team("reject"), "budget_exceeded"),
        (decided(ranked=(HOME,), reasons=["sensitivity"], reason="sensitivity"), team("reject"), None),
        (decided(reasons=["sensitivity"]), team("reject"), "no_permitted_route"),
        (decided(reasons=["sensitivity", "budget"]), team("local_only"), "budget_exceeded"),
        (decided(reasons=["policy"]), None, "no_permitted_route"),
    ],
)
def test_the_refusal_tells_whether_money_or_rules_are_the_cause(decision, owner, code):
    assert refusal(decision, owner) == code
