"""Holds under any interleaving, in each store: what is spent and held is never more than the budget."""

from collections import Counter
from functools import partial

import anyio
import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from support.fakes import Clock
from support.redis_server import redis_server

from gateway.domain.admission import BudgetEntry
from gateway.stores.state.memory import MemoryState
from gateway.stores.state.redis import RedisState

LIMIT = 100
LONG = 900.0
OWNERS = ("organization", "team", "key")
WHICH = st.integers(0, 1000)
"""A number, not a hold: who of many callers is granted differs from run to run, and what is drawn must not."""
AMOUNTS = st.dictionaries(st.sampled_from(OWNERS), st.integers(0, 60), min_size=1)


class Holds(RuleBasedStateMachine):
    """A store beside the plainest books there can be."""

    def __init__(self, make):
        super().__init__()
        self.context = start_blocking_portal()
        self.portal = self.context.__enter__()
        self.store = self.portal.call(make)
        self.number = 0
        self.period = 0
        self.open: dict[str, dict[str, int]] = {}
        self.swept: dict[str, dict[str, int]] = {}
        self.due: set[str] = set()
        self.ended: list[str] = []
        self.spent: Counter[str] = Counter()

    def teardown(self):
        self.portal.call(self.store.close)
        self.context.__exit__(None, None, None)

    def counter(self, owner):
        return f"{owner}:{self.period}"

    def held(self, counter):
        return sum(amounts.get(counter, 0) for amounts in self.open.values())

    def fits(self, amounts):
        return all(self.spent[name] + self.held(name) + amount <= LIMIT for name, amount in amounts.items())

    async def admit(self, hold, amounts, seconds):
        entries = [BudgetEntry(name, amount, LIMIT) for name, amount in amounts.items()]
        return not (await self.store.admit(hold, entries, (), seconds)).short

    def named(self, amounts):
        self.number += 1
        return f"hold{self.number}", {self.counter(owner): amount for owner, amount in amounts.items()}

    @rule(amounts=AMOUNTS, dies=st.booleans())
    def one_caller(self, amounts, dies):
        hold, amounts = self.named(amounts)
        fits = self.fits(amounts)
        assert self.portal.call(self.admit, hold, amounts, 0.0 if dies else LONG) == fits
        if fits:
            self.open[hold] = amounts
            self.due |= {hold} if dies else set()

    @rule(callers=st.lists(AMOUNTS, min_size=2, max_size=64))
    def many_callers_at_once(self, callers):
        granted = {}

        async def call(hold, amounts):
            if await self.admit(hold, amounts, LONG):
                granted[hold] = amounts

        async def all_of_them():
            async with anyio.create_task_group() as group:
                for amounts in callers:
                    group.start_soon(call, *self.named(amounts))

        self.portal.call(all_of_them)
        self.open |= granted

    @rule(which=WHICH, share=st.integers(0, 100), twice=st.booleans())
    def a_call_ends(self, which, share, twice):
        if not (holds := sorted(self.open | self.swept)):
            return
        hold = holds[which % len(holds)]
        amounts = self.open.pop(hold, None)
        if amounts is None:
            amounts = self.swept.pop(hold)
            self.spent.subtract(amounts)
        charges = {name: amount * share // 100 for name, amount in amounts.items()}
        for _ in range(1 + twice):
            self.portal.call(self.store.settle, hold, charges)
        self.spent.update(charges)
        self.ended.append(hold)

    @rule(which=WHICH)
    def a_call_that_ended_is_settled_again(self, which):
        if self.ended:
            self.portal.call(self.store.settle, self.ended[which % len(self.ended)], {self.counter("team"): 50})

    @rule(which=WHICH)
    def a_hold_is_asked_for_again(self, which):
        if not self.open:
            return
        hold = sorted(self.open)[which % len(self.open)]
        assert self.portal.call(self.admit, hold, self.open[hold], LONG)

    @rule()
    def the_sweeper_comes(self):
        expired = self.portal.call(self.store.sweep)
        found = {one.hold: dict(one.amounts) for one in expired}
        expected = {hold: self.open.pop(hold) for hold in sorted(self.due) if hold in self.open}
        assert found == expected
        for amounts in expected.values():
            self.spent.update(amounts)
        self.swept |= expected
        self.due.clear()

    @rule()
    def the_period_turns(self):
        self.period += 1

    @invariant()
    def books_are_equal_and_no_budget_is_passed(self):
        for name in [f"{owner}:{period}" for owner in OWNERS for period in range(self.period + 1)]:
            self.store.used(name)
            self.portal.call(self.store.refresh)
            spent, held = self.store.used(name)
            assert (spent, held) == (self.spent[name], self.held(name))
            assert spent + held <= LIMIT


MODERATE = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


async def in_process():
    return MemoryState(Clock())


def test_in_process():
    run_state_machine_as_test(partial(Holds, in_process), settings=MODERATE)


@pytest.fixture(scope="module")
def server():
    with redis_server() as server:
        yield server


def test_in_redis(server):
    async def in_redis():
        with server.client() as client:
            client.flushall()
        state = RedisState(server.url)
        await state.seed([])
        return state

    run_state_machine_as_test(partial(Holds, in_redis), settings=MODERATE)
