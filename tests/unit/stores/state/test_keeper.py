"""What keeps an edge's state equal to the ledger: a loss is noticed, reported once and repaired."""

import pytest
from support.fakes import Clock, policy, sums

from gateway.bootstrap.state import StateStores
from gateway.domain.admission import BudgetEntry, StateUnavailable
from gateway.ports import SessionsUnavailable
from gateway.stores.sessions.memory import MemorySessions
from gateway.stores.state.breakers_memory import MemoryBreakers
from gateway.stores.state.keeper import Keeper
from gateway.stores.state.keeping import AGAIN_S, TELL_S
from gateway.stores.state.memory import MemoryState

pytestmark = pytest.mark.anyio

A = "team:2026-11"
B = "team:2026-10"
HOLD_S = 960.0


class Shared(MemoryState):
    """A state that can be away, and can lose all."""

    def __init__(self):
        super().__init__(Clock())
        self.away = False
        self.kept = True
        self.seeds = 0

    async def seed(self, spent):
        if self.away:
            raise StateUnavailable
        self.seeds += 1
        self.kept = True
        await super().seed(spent)

    async def refresh(self):
        if self.away:
            raise StateUnavailable
        return self.kept


class Labels(MemorySessions):
    """Labels of conversations that can be away, too."""

    def __init__(self):
        super().__init__(Clock())
        self.away = False
        self.begun = []

    async def begin(self, *, fresh):
        if self.away:
            raise SessionsUnavailable
        self.begun.append(fresh)


class Log:
    def __init__(self):
        self.names = []

    def event(self, name, level="info", /, **fields):
        self.names.append(name)


class World:
    def __init__(self, monkeypatch):
        self.state, self.log, self.snapshot, self.ledger, self.time = Shared(), Log(), policy(), {A: 5}, 1000.0
        monkeypatch.setattr("gateway.stores.state.keeper.anyio.current_time", lambda: self.time)
        self.labels, self.fresh = Labels(), True
        stores = StateStores(self.state, self.labels, MemoryBreakers(Clock()), self.state.close)
        asked = (lambda: self.snapshot), (lambda _: sums(self.ledger))
        self.hours = 0
        self.keeper = Keeper(stores, self.log, *asked, HOLD_S, lambda: self.fresh, lambda: self.hours)


@pytest.fixture
def world(monkeypatch):
    return World(monkeypatch)


async def test_a_start_seeds_once_and_quiet_turns_ask_the_ledger_no_more(world):
    await world.keeper.start()
    for _ in range(3):
        world.time += AGAIN_S
        await world.keeper.turn()
    assert world.state.seeds == 1
    assert world.state.used(A) == (5, 0)


async def test_a_clock_that_was_set_has_the_state_seeded_for_the_periods_that_run_then(world):
    await world.keeper.start()
    world.hours, world.ledger = -960, {A: 5, B: 7}
    await world.keeper.turn()
    assert (world.state.seeds, world.state.used(B)) == (2, (7, 0))


async def test_a_state_that_is_away_at_the_start_is_seeded_when_it_is_back(world):
    world.state.away = True
    await world.keeper.start()
    with pytest.raises(StateUnavailable):
        await world.keeper.turn()
    world.state.away, world.state.kept = False, False
    await world.keeper.turn()
    assert world.log.names == ["state_unavailable", "state_seeded"]


async def test_after_an_outage_all_workers_tell_what_they_owe_before_the_ledger_is_asked(world):
    """What ended meanwhile is in the ledger: a counter raised by it first would have it twice."""
    await world.keeper.start()
    await world.state.admit("h", [BudgetEntry(A, 4, None)], (), HOLD_S)
    world.keeper._lose("StateUnavailable")
    world.ledger = {A: 9}
    await world.keeper.turn()
    world.time += TELL_S / 2
    await world.state.settle("h", {A: 4})  # another worker's
    await world.keeper.turn()
    assert (world.state.seeds, world.state.used(A)) == (1, (9, 0))
    world.ledger = {A: 11}  # local calls that went on unheld
    world.time += TELL_S
    await world.keeper.turn()
    assert (world.state.seeds, world.state.used(A)) == (2, (11, 0))


@pytest.mark.parametrize("fresh", [True, False])
async def test_labels_begin_once_and_with_what_the_ledger_knows_of_earlier_conversations(world, fresh):
    world.fresh, world.labels.away = fresh, True
    await world.keeper.start()
    assert world.labels.begun == []
    world.labels.away = False
    for _ in range(2):
        await world.keeper.turn()
    assert world.labels.begun == [fresh]


async def test_after_a_loss_the_ledger_is_asked_until_the_last_lost_hold_must_have_ended(world):
    await world.keeper.start()
    world.state.kept = False
    await world.keeper.turn()
    world.ledger = {A: 9}
    world.time += AGAIN_S - 1
    await world.keeper.turn()
    assert world.state.used(A) == (5, 0)
    world.time += 1
    await world.keeper.turn()
    assert world.state.used(A) == (9, 0)
    world.time += HOLD_S
    await world.keeper.turn()
    assert world.state.seeds == 3


async def test_a_new_policy_may_have_new_budgets(world):
    await world.keeper.start()
    world.snapshot = policy(teams=[{"id": "t", "default_class": "public", "budget": {"usd": 1}}])
    await world.keeper.turn()
    assert world.state.seeds == 2
    world.ledger = {A: 9}  # a call that began under the old one ended, and charged its budgets alone
    world.time += AGAIN_S
    await world.keeper.turn()
    assert world.state.used(A) == (9, 0)
    world.time += HOLD_S
    await world.keeper.turn()
    assert world.state.seeds == 3


async def test_what_a_new_policy_counts_is_known_before_it_comes_into_force(world):
    await world.keeper.start()
    world.ledger = {A: 5, "new": 8}
    await world.keeper.expect(policy())
    assert world.state.used("new") == (8, 0)
    world.state.away = True
    await world.keeper.expect(policy())
    assert world.log.names == ["state_seeded", "state_unavailable"]


async def test_holds_that_nobody_settles_are_booked_and_reported(world):
    await world.keeper.start()
    await world.state.admit("h", [BudgetEntry(A, 7, None)], (), 0.0)
    await world.keeper.turn()
    assert world.state.used(A) == (12, 0)
    assert world.log.names == ["state_seeded", "hold_expired"]


async def test_holds_of_a_dead_process_are_booked_before_the_ledger_is_asked_and_not_again(world):
    await world.state.admit("h", [BudgetEntry(A, 5, None)], (), HOLD_S)
    world.state.away = True
    await world.keeper.start(["h"])
    world.state.away, world.state.kept = False, False
    await world.keeper.turn()
    assert world.state.used(A) == (5, 0)
    world.state._clock.seconds += 2 * HOLD_S
    await world.keeper.turn()
    assert world.state.used(A) == (5, 0)
