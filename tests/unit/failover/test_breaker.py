from hypothesis import given
from hypothesis import strategies as st

from gateway.failover.breaker import FIRST_PAUSE_S, LONGEST_PAUSE_S, THRESHOLD, Breaker

TIMES = st.floats(0, 1e6)
EVENTS = st.lists(st.tuples(st.sampled_from(["ok", "bad", "429"]), st.floats(0, 100)), max_size=40)


def after(failures: int, now: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(failures):
        breaker = breaker.failed(now)
    return breaker


def test_it_opens_after_failures_in_a_row_and_only_then():
    assert after(THRESHOLD - 1).allows(0.0)
    assert not after(THRESHOLD).allows(FIRST_PAUSE_S - 0.1)
    assert after(THRESHOLD).allows(FIRST_PAUSE_S)
    assert after(THRESHOLD - 1).succeeded().failed(0.0).allows(0.0)


def test_a_failed_trial_opens_it_for_twice_as_long():
    assert not after(THRESHOLD).failed(100.0).allows(100.0 + 2 * FIRST_PAUSE_S - 0.1)
    assert after(THRESHOLD).failed(100.0).allows(100.0 + 2 * FIRST_PAUSE_S)


def test_a_retry_after_opens_at_once_for_that_long_and_never_shortens_a_pause():
    assert not Breaker().failed(0.0, retry_after=7.0).allows(6.9)
    assert Breaker().failed(0.0, retry_after=7.0).allows(7.0)
    assert Breaker().failed(0.0, retry_after=1e9).allows(LONGEST_PAUSE_S)
    assert not after(THRESHOLD).failed(0.0, retry_after=0.5).allows(FIRST_PAUSE_S - 0.1)


@given(EVENTS)
def test_whatever_happens_it_opens_again_within_the_longest_pause(events):
    breaker, now = Breaker(), 0.0
    for what, passed in events:
        now += passed
        if what == "ok":
            breaker = breaker.succeeded()
            assert breaker.allows(now)
        else:
            breaker = breaker.failed(now, retry_after=passed if what == "429" else None)
        assert breaker.allows(now + LONGEST_PAUSE_S)
