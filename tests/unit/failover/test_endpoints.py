"""A conversation stays on its server, unless that is much busier than others."""

from math import ceil

from hypothesis import assume, given
from hypothesis import strategies as st
from support.replacing import replace

from gateway.failover.endpoints import LOAD_FACTOR, SLACK, EndpointState, order

URLS = [f"http://s{number}:30000" for number in range(8)]
STATE = st.builds(
    EndpointState, st.sampled_from(URLS), st.booleans(), st.none() | st.integers(0, 60), st.integers(0, 60)
)
STATES = st.lists(STATE, max_size=8, unique_by=lambda state: state.url)
IDLE = st.lists(st.sampled_from(URLS), min_size=1, max_size=8, unique=True).map(
    lambda urls: [EndpointState(url) for url in urls]
)
AFFINITY = st.text(min_size=1, max_size=8)


@given(STATES, st.text(max_size=8))
def test_each_server_that_is_up_is_there_once_and_no_other(states, affinity):
    assert sorted(order(states, affinity)) == sorted(state.url for state in states if state.up)


@given(STATES, st.text(max_size=8), st.randoms())
def test_the_order_of_the_policy_file_does_not_matter(states, affinity, random):
    mixed = list(states)
    random.shuffle(mixed)
    assert order(mixed, affinity) == order(states, affinity)


@given(IDLE, AFFINITY)
def test_a_conversation_stays_when_another_server_goes(states, affinity):
    own, *others = order(states, affinity)
    for gone in others:
        assert order([state for state in states if state.url != gone], affinity)[0] == own
        assert order([replace(state, up=state.url != gone) for state in states], affinity)[0] == own


@given(IDLE, AFFINITY)
def test_a_new_server_takes_only_the_conversations_that_are_its_own(states, affinity):
    new = EndpointState("http://new:1")
    assert order([*states, new], affinity)[0] in {order(states, affinity)[0], new.url}


@given(IDLE)
def test_conversations_are_spread(states):
    assume(len(states) > 1)
    first = {order(states, f"conversation {number}")[0] for number in range(200)}
    assert len(first) > 1


@given(STATES, AFFINITY)
def test_nobody_is_given_more_than_the_bound(states, affinity):
    up = [state for state in states if state.up]
    assume(up)
    bound = ceil(LOAD_FACTOR * sum(state.busy for state in up) / len(up)) + SLACK
    busy = {state.url: state.busy for state in up}
    assert busy[order(states, affinity)[0]] < bound


@given(STATES)
def test_without_a_conversation_the_least_busy_comes_first(states):
    busy = {state.url: state.busy for state in states}
    loads = [busy[url] for url in order(states, "")]
    assert loads == sorted(loads)


def test_an_unreadable_load_is_unknown_not_endless_and_not_down():
    assert EndpointState("a", load=None, in_flight=3).busy == 3
    assert EndpointState("a", load=5, in_flight=3).busy == 5
    assert order([EndpointState("a", load=None), EndpointState("b", load=9)], "") == ("a", "b")
