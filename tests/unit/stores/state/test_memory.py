"""What the state in process does beyond the contract (tests/contract/test_state_store.py): it forgets what is over."""

import pytest
from support.fakes import Clock, sums

from gateway.domain.admission import GRACE_S, LATE_S, WINDOW_S, BudgetEntry, Rate
from gateway.stores.state.memory import MemoryState

pytestmark = pytest.mark.anyio

DAY = 86_400
LONG = 900.0


class Days(Clock):
    """Time that passes on both clocks."""

    def passes(self, seconds):
        self.seconds += seconds
        self.wall += int(seconds * 1e9)

    @property
    def now(self):
        return self.wall // 10**9


@pytest.fixture
def clock():
    return Days()


@pytest.fixture
def state(clock):
    return MemoryState(clock)


def size(state):
    return sum(len(part) for part in vars(state).values() if hasattr(part, "__len__"))


async def test_nothing_in_memory_grows_with_keys_times_days(state, clock):
    sizes = []
    for day in range(400):
        for key in range(20):
            name, ends = f"k{key}", clock.now + DAY
            rates = [Rate(f"{name}:{day}", "tokens", 100, 5)]
            await state.seed([BudgetEntry(f"{name}:seeded:{day}", 5, None, ends)])
            await state.admit(f"{name}:{day}", [BudgetEntry(f"{name}:{day}", 5, 100, ends)], rates, LONG)
            if key:  # the first one's process dies
                await state.settle(f"{name}:{day}", {f"{name}:{day}": 3}, 4)
            await state.windows([Rate(f"looked at:{day}", "tokens", 100, 0)])
        clock.passes(DAY / 2)
        await state.sweep()
        clock.passes(DAY / 2)
        await state.sweep()
        sizes.append(size(state))
    assert max(sizes[5:]) == max(sizes[:5])


async def test_a_counter_whose_period_is_over_is_forgotten_some_time_later_and_not_before(state, clock):
    await state.seed([BudgetEntry("day", 5, None, clock.now + DAY)])
    clock.passes(DAY + GRACE_S - 60)
    await state.sweep()
    assert state.used("day") == (5, 0)
    clock.passes(60)
    await state.sweep()
    assert state.used("day") == (0, 0)


async def test_a_counter_is_never_forgotten_while_a_hold_names_it(state, clock):
    await state.seed([BudgetEntry("day", 5, None, clock.now)])
    await state.admit("h", [BudgetEntry("day", 4, 100, clock.now)], (), 9 * DAY)
    clock.passes(9 * DAY - 1)
    await state.sweep()
    assert state.used("day") == (5, 4)
    clock.passes(LATE_S)
    await state.sweep()
    assert state.used("day") == (9, 0)
    await state.settle("h", {"day": 1})
    assert state.used("day") == (6, 0)
    clock.passes(2 * LATE_S)
    await state.sweep()
    assert state.used("day") == (0, 0)


async def test_a_counter_without_an_end_is_kept_for_more_than_a_year_after_its_last_use(state, clock):
    for _ in range(3):
        await state.seed(sums({"endless": 5}))
        clock.passes(366 * DAY)
        await state.sweep()
    assert state.used("endless") == (5, 0)


async def test_a_wall_clock_that_is_set_forward_makes_nobody_forget(state, clock):
    await state.seed([BudgetEntry("day", 5, None, clock.now + DAY)])
    clock.wall += 40 * DAY * 10**9
    await state.sweep()
    assert state.used("day") == (5, 0)


async def test_a_minute_in_which_nothing_is_counted_any_more_is_forgotten(state, clock):
    for number in range(100):
        await state.admit(f"h{number}", (), [Rate(f"r{number}", "requests", 9, 1)], LONG)
    before = size(state)
    clock.passes(WINDOW_S + 1)
    await state.sweep()
    assert size(state) == before - 100
    (window,) = await state.windows([Rate("r5", "requests", 9, 1)])
    assert window.remaining == 9
