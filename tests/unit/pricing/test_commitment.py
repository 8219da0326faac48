from hypothesis import given
from hypothesis import strategies as st

from gateway.pricing.commitment import DAY_NS, Commitment, draw_down

PROMISED = Commitment("c", 1000, 10 * DAY_NS, 20 * DAY_NS, ("a", "b"))


def test_covered_calls_within_its_time_are_drawn_from_it():
    charges = [("a", 10 * DAY_NS, 100), ("b", 11 * DAY_NS, 50), ("c", 11 * DAY_NS, 7), ("a", 9 * DAY_NS, 7)]
    state = draw_down(PROMISED, charges, 15 * DAY_NS)

    assert (state.drawn, state.left, state.lost, state.beyond) == (150, 850, 0, 0)
    assert state.per_day == 30
    assert state.exhausted_ns == PROMISED.start_ns + 1000 * DAY_NS // 30


def test_what_is_used_beyond_it_is_cash_and_what_is_not_used_in_time_is_lost():
    over = draw_down(PROMISED, [("a", 12 * DAY_NS, 1300)], 15 * DAY_NS)
    ended = draw_down(PROMISED, [("a", 12 * DAY_NS, 300), ("a", 20 * DAY_NS, 5)], 30 * DAY_NS)

    assert (over.drawn, over.left, over.beyond, over.exhausted_ns) == (1000, 0, 300, None)
    assert (ended.drawn, ended.left, ended.lost, ended.exhausted_ns) == (300, 0, 700, None)


def test_before_its_time_nothing_is_drawn():
    state = draw_down(PROMISED, [("a", 11 * DAY_NS, 5)], 5 * DAY_NS)

    assert (state.drawn, state.left, state.per_day, state.exhausted_ns) == (0, 1000, 0, None)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30 * DAY_NS), st.integers(-50, 500)), max_size=20),
    st.integers(0, 30 * DAY_NS),
)
def test_what_was_paid_is_drawn_left_or_lost(charges, now):
    state = draw_down(PROMISED, charges, now)

    assert state.drawn + state.left + state.lost == PROMISED.amount
    assert min(state.drawn, state.left, state.lost, state.beyond) >= 0
