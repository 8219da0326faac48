"""When a state is raised to the ledger: a table of steps, and what holds whatever happens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.stores.state.keeping import (
    AGAIN_S,
    TELL_S,
    Answered,
    Away,
    CatchingUp,
    Failed,
    Raise,
    Raised,
    Report,
    Seeded,
    Starting,
    next_step,
)

NOW, END = 1000.0, 1960.0
OLD, NEW = "old", "new"
FINE = Answered(kept=True, policy=OLD, calls_end=END)
LOST = Answered(kept=False, policy=OLD, calls_end=END)
CHANGED = Answered(kept=True, policy=NEW, calls_end=END)
GONE = Failed("StateUnavailable")
LATELY, LONG_AGO = CatchingUp(OLD, 1500.0, NOW - AGAIN_S + 1), CatchingUp(OLD, 1500.0, NOW - AGAIN_S)
OVER = CatchingUp(OLD, NOW, NOW - AGAIN_S)
ANEW = (Raise(END),)


@pytest.mark.parametrize(
    ("standing", "seen", "then", "actions"),
    [
        (Starting(), FINE, Starting(), ANEW),
        (Starting(), Raised(OLD, NOW), Seeded(OLD), ()),
        (Starting(), GONE, Away(), (Report("StateUnavailable"),)),
        (Seeded(OLD), FINE, Seeded(OLD), ()),
        (Seeded(OLD), CHANGED, Seeded(OLD), ANEW),
        (Seeded(OLD), LOST, Seeded(OLD), ANEW),
        (Seeded(OLD), GONE, Away(), (Report("StateUnavailable"),)),
        (Seeded(OLD), Raised(NEW, END), CatchingUp(NEW, END, NOW), ()),
        (Away(), GONE, Away(), ()),
        (Away(), FINE, Away(NOW), ()),
        (Away(NOW - TELL_S + 1), FINE, Away(NOW - TELL_S + 1), ()),
        (Away(NOW - TELL_S), FINE, Away(NOW - TELL_S), ANEW),
        (Away(), CHANGED, Away(NOW), ()),
        (Away(), LOST, Away(NOW), ANEW),
        (Away(NOW - 1), LOST, Away(NOW - 1), ANEW),
        (Away(NOW - TELL_S), GONE, Away(), ()),
        (Away(NOW - TELL_S), Raised(OLD, END), CatchingUp(OLD, END, NOW), ()),
        (LATELY, FINE, LATELY, ()),
        (LATELY, CHANGED, LATELY, ANEW),
        (LATELY, LOST, LATELY, ANEW),
        (LATELY, GONE, Away(), (Report("StateUnavailable"),)),
        (LONG_AGO, FINE, LONG_AGO, (Raise(1500.0),)),
        (LONG_AGO, Raised(OLD, 1500.0), CatchingUp(OLD, 1500.0, NOW), ()),
        (OVER, FINE, Seeded(OLD), ()),
        (OVER, CHANGED, OVER, ANEW),
    ],
)
def test_each_step_follows_from_what_is_known_and_seen(standing, seen, then, actions):
    assert next_step(standing, seen, NOW) == (then, actions)


LONGEST_S = 100.0
TURN = st.tuples(
    st.sampled_from(["fine"] * 12 + ["away", "lost", "new policy", "no ledger"]),
    st.integers(1, 20),
)


@given(st.lists(TURN, max_size=60))
def test_whatever_happens_it_is_raised_when_it_must_be_and_not_sooner(turns):
    """Plain books beside the steps: when the state came back, when calls without holds end, what was raised when."""
    standing, now, policy = Starting(), 0.0, 0
    back, needed, raised, known = 0.0, True, None, None
    unheld_until = 0.0
    for event, times in turns:
        policy += event == "new policy"
        for number in range(times if event in {"fine", "away", "no ledger"} else 1):
            now += 1.0
            if event == "away":
                standing, actions = next_step(standing, Failed("x"), now)
                assert not any(isinstance(one, Raise) for one in actions)
                back, needed = None, True
                continue
            back = now if back is None else back
            kept = event != "lost"
            first_needed = needed or not kept or known != policy
            standing, actions = next_step(standing, Answered(kept, str(policy), now + LONGEST_S), now)
            raises = [one for one in actions if isinstance(one, Raise)]
            came_back = isinstance(standing, Away)
            if raises:
                assert not (kept and came_back and now - back < TELL_S)
            if first_needed and not (kept and came_back and now - back < TELL_S):
                assert raises
            if not first_needed and now < unheld_until and now - raised >= AGAIN_S:
                assert raises
            if not raises:
                continue
            if first_needed:
                unheld_until = now + LONGEST_S
            if event == "no ledger" and number < times - 1:
                standing, _ = next_step(standing, Failed("ledger"), now)
                back, needed = None, True
                continue
            standing, _ = next_step(standing, Raised(str(policy), raises[0].until), now)
            raised, known, needed = now, policy, False
            assert raises[0].until == unheld_until


@given(st.integers(0, 200), st.integers(1, 5))
def test_a_new_policy_is_raised_once_and_then_each_half_minute_until_old_calls_have_ended(begins, changes):
    standing, seeds = Seeded("0"), []
    for second in range(begins + 400):
        policy = str(min(changes, max(0, second - begins)))
        standing, actions = next_step(standing, Answered(True, policy, second + LONGEST_S), float(second))
        for action in actions:
            seeds.append(second)
            standing, _ = next_step(standing, Raised(policy, action.until), float(second))
    first, last = begins + 1, begins + changes
    assert seeds == [*range(first, last + 1), *range(last + 30, last + int(LONGEST_S), 30)]
    assert standing == Seeded(str(changes))
