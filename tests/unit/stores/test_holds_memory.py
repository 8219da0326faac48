"""What a team spent and what is held never exceed its budget, as long as holds are true bounds."""

import anyio
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.domain.errors import BudgetExceeded
from gateway.stores.holds_memory import MemoryHolds

pytestmark = pytest.mark.anyio

NOVEMBER, DECEMBER = "2026-11", "2026-12"


class Books:
    """Holds with a limit and a month that a test moves."""

    def __init__(self, limit: int | None = 100, spent: int = 0) -> None:
        self.limits = {} if limit is None else {"t": limit}
        self.month = NOVEMBER
        self.holds = MemoryHolds(lambda: self.limits, lambda: self.month, {"t": spent})


async def test_a_hold_is_kept_and_its_settlement_books_the_true_cost():
    books = Books(spent=10)
    await books.holds.hold("t", "h", 50)
    assert (books.holds.left("t"), books.holds.spent("t")) == (40, 10)
    await books.holds.settle("t", "h", 30)

    assert (books.holds.left("t"), books.holds.spent("t")) == (60, 40)


async def test_what_is_left_can_be_held_to_the_last_nano_dollar_and_no_further():
    books = Books()
    await books.holds.hold("t", "h", 100)
    with pytest.raises(BudgetExceeded):
        await books.holds.hold("t", "i", 1)
    await books.holds.hold("t", "free", 0)

    assert books.holds.left("t") == 0


async def test_a_refused_hold_holds_nothing_and_says_what_is_left():
    books = Books(limit=2_000_000_000, spent=500_000_000)
    with pytest.raises(BudgetExceeded, match=r"has \$1.5 left of its \$2.0 for 2026-11, and .* up to \$1.6;"):
        await books.holds.hold("t", "h", 1_600_000_000)

    assert books.holds.left("t") == 1_500_000_000


async def test_holding_and_settling_twice_count_once():
    books = Books()
    await books.holds.hold("t", "h", 50)
    await books.holds.hold("t", "h", 50)
    assert books.holds.left("t") == 50
    await books.holds.settle("t", "h", 20)
    await books.holds.settle("t", "h", 20)

    assert (books.holds.left("t"), books.holds.spent("t")) == (80, 20)


async def test_a_settlement_without_a_hold_books_nothing():
    books = Books()
    await books.holds.settle("t", "h", 20)

    assert books.holds.spent("t") == 0


async def test_a_cost_above_its_hold_counts_in_full_and_stops_the_next_call():
    books = Books()
    await books.holds.hold("t", "h", 50)
    await books.holds.settle("t", "h", 130)

    assert (books.holds.left("t"), books.holds.spent("t")) == (-30, 130)
    with pytest.raises(BudgetExceeded, match=r"has \$0.0 left"):
        await books.holds.hold("t", "i", 1)


async def test_a_forced_hold_is_never_refused_and_counts():
    books = Books()
    await books.holds.hold("t", "h", 150, force=True)

    assert books.holds.left("t") == -50


async def test_a_new_month_begins_at_nothing_but_what_is_held():
    books = Books(spent=90)
    await books.holds.hold("t", "h", 10)
    books.month = DECEMBER

    assert (books.holds.spent("t"), books.holds.left("t")) == (0, 90)
    await books.holds.settle("t", "h", 7)
    assert (books.holds.spent("t"), books.holds.left("t")) == (7, 93)


async def test_a_settlement_that_is_the_first_of_the_month_is_booked_in_it():
    books = Books(spent=90)
    await books.holds.hold("t", "h", 10)
    books.month = DECEMBER
    await books.holds.settle("t", "h", 7)

    assert books.holds.spent("t") == 7


async def test_a_team_without_a_budget_is_never_refused_and_its_spending_is_known():
    books = Books(limit=None)
    await books.holds.hold("t", "h", 10**15)
    await books.holds.settle("t", "h", 10**15)

    assert books.holds.left("t") is None
    assert books.holds.spent("t") == 10**15


async def test_a_budget_that_policy_changes_counts_at_once():
    books = Books(limit=None)
    await books.holds.hold("t", "h", 60)
    books.limits["t"] = 100
    assert books.holds.left("t") == 40
    books.limits["t"] = 50

    assert books.holds.left("t") == -10
    with pytest.raises(BudgetExceeded):
        await books.holds.hold("t", "i", 1)


async def test_teams_pay_for_themselves():
    books = Books()
    books.limits["u"] = 100
    await books.holds.hold("u", "h", 100)

    assert books.holds.left("t") == 100
    await books.holds.settle("t", "h", 5)
    assert books.holds.left("u") == 0


async def test_the_ledger_s_own_numbers_are_not_changed():
    spent = {"t": 10}
    holds = MemoryHolds(lambda: {"t": 100}, lambda: NOVEMBER, spent)
    await holds.hold("t", "h", 10)
    await holds.settle("t", "h", 10)

    assert spent == {"t": 10}


@pytest.mark.parametrize("callers", [2, 50])
async def test_of_many_that_ask_at_once_only_as_many_hold_as_there_is_money_for(callers):
    books = Books()
    refused = []

    async def call(number):
        try:
            await books.holds.hold("t", f"h{number}", 40)
        except BudgetExceeded:
            refused.append(number)

    async with anyio.create_task_group() as group:
        for number in range(callers):
            group.start_soon(call, number)

    assert len(refused) == callers - 2
    assert books.holds.left("t") == 20


def now(coroutine):
    """Run what never waits."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("it waited")


class HoldsMachine(RuleBasedStateMachine):
    """Any order of holds, settlements, repetitions and turns of the month, beside a plain model."""

    @initialize(limit=st.integers(0, 1000), spent=st.integers(0, 500))
    def start(self, limit, spent):
        self.limit = limit
        self.spent = min(spent, limit)
        self.held: dict[str, int] = {}
        self.done: list[str] = []
        self.number = 0
        self.overdrawn = False
        self.books = Books(limit, self.spent)

    @rule(amount=st.integers(0, 400), force=st.booleans())
    def hold(self, amount, force):
        self.number += 1
        name = f"h{self.number}"
        fits = self.spent + sum(self.held.values()) + amount <= self.limit
        if fits or force:
            now(self.books.holds.hold("t", name, amount, force=force))
            self.held[name] = amount
            self.overdrawn |= not fits
        else:
            with pytest.raises(BudgetExceeded):
                now(self.books.holds.hold("t", name, amount))

    @precondition(lambda self: self.held)
    @rule(data=st.data(), share=st.floats(0, 1))
    def settle_within_the_hold(self, data, share):
        name = data.draw(st.sampled_from(sorted(self.held)))
        cost = int(self.held.pop(name) * share)
        now(self.books.holds.settle("t", name, cost))
        self.spent += cost
        self.done.append(name)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), above=st.integers(1, 100))
    def settle_above_the_hold(self, data, above):
        name = data.draw(st.sampled_from(sorted(self.held)))
        cost = self.held.pop(name) + above
        now(self.books.holds.settle("t", name, cost))
        self.spent += cost
        self.done.append(name)
        self.overdrawn = True

    @precondition(lambda self: self.done)
    @rule(data=st.data(), cost=st.integers(0, 400))
    def settle_again(self, data, cost):
        now(self.books.holds.settle("t", data.draw(st.sampled_from(self.done)), cost))

    @precondition(lambda self: self.held)
    @rule(data=st.data(), amount=st.integers(0, 10**6))
    def hold_again(self, data, amount):
        now(self.books.holds.hold("t", data.draw(st.sampled_from(sorted(self.held))), amount))

    @rule()
    def turn_the_month(self):
        self.books.month += "+"
        self.spent = 0

    @invariant()
    def the_books_agree_with_the_model(self):
        if hasattr(self, "books"):
            assert self.books.holds.spent("t") == self.spent
            assert self.books.holds.left("t") == self.limit - self.spent - sum(self.held.values())

    @invariant()
    def spent_and_held_stay_within_the_budget_while_holds_are_true_bounds(self):
        if hasattr(self, "books") and not self.overdrawn:
            assert self.spent + sum(self.held.values()) <= self.limit


TestHoldsMachine = HoldsMachine.TestCase
TestHoldsMachine.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
