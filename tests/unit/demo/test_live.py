"""What live calls can cost is bounded from above before a cent is spent."""

from gateway.demo.live import LIVE_CALLS, LIVE_MAX_TOKENS, live_bound_usd
from gateway.demo.traffic import calls


def test_the_demo_s_live_calls_stay_under_half_a_dollar():
    assert 0 < live_bound_usd(calls(7, LIVE_CALLS, LIVE_MAX_TOKENS)) < 0.5


def test_no_calls_cost_nothing():
    assert live_bound_usd([]) == 0


def test_more_calls_and_longer_answers_cost_more():
    few = live_bound_usd(calls(7, 5, 10))

    assert live_bound_usd(calls(7, 6, 10)) > few
    assert live_bound_usd(calls(7, 5, 20)) > few


def test_every_call_counts_at_the_dearest_price():
    each = [live_bound_usd([call]) for call in calls(7, 5, 10)]

    assert abs(sum(each) - live_bound_usd(calls(7, 5, 10))) < 1e-9
