"""The plan only ever picks from what is permitted, and it ends."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.failover.plan import MAX_ATTEMPTS, Failure, Option, Tried, next_attempt

OPTIONS = st.lists(
    st.builds(Option, st.sampled_from("abcd"), st.lists(st.sampled_from("wxyz"), max_size=4).map(tuple)), max_size=4
)
MOVES_ON = [failure for failure in Failure if failure is not Failure.CALLER]


@given(OPTIONS, st.lists(st.sampled_from(MOVES_ON), min_size=40, max_size=40))
def test_it_stays_inside_the_options_never_repeats_itself_and_ends(options, failures):
    permitted = {(option.target, endpoint) for option in options for endpoint in option.endpoints}
    tried: list[Tried] = []
    for failure in failures:
        choice = next_attempt(options, tried, 1.0)
        if choice is None:
            break
        assert choice in permitted
        assert choice not in {(attempt.target, attempt.endpoint) for attempt in tried}
        tried.append(Tried(*choice, failure))
    assert next_attempt(options, tried, 1.0) is None
    assert sum(attempt.failure is not Failure.REFUSED for attempt in tried) <= MAX_ATTEMPTS


@given(
    OPTIONS,
    st.lists(st.builds(Tried, st.sampled_from("abcd"), st.sampled_from("wxyz"), st.sampled_from(MOVES_ON)), max_size=3),
)
def test_a_request_that_is_wrong_ends_at_once(options, tried):
    assert next_attempt(options, [*tried, Tried("a", "w", Failure.CALLER)], 1.0) is None


@given(OPTIONS, st.floats(max_value=0.0, allow_nan=False))
def test_without_time_there_is_no_attempt(options, left):
    assert next_attempt(options, [], left) is None


@given(OPTIONS)
def test_the_order_of_the_decision_is_kept(options):
    first = next((option for option in options if option.endpoints), None)
    expected = None if first is None else (first.target, first.endpoints[0])
    assert next_attempt(options, [], 1.0) == expected


TWO = [Option("a", ("w", "x")), Option("b", ("y",))]


@given(st.sampled_from(MOVES_ON))
def test_another_server_of_the_target_is_asked_only_if_one_server_failed(failure):
    one_server = {Failure.REFUSED, Failure.SATURATED, Failure.BROKEN}
    expected = ("a", "x") if failure in one_server else ("b", "y")
    assert next_attempt(TWO, [Tried("a", "w", failure)], 1.0) == expected


def test_servers_that_took_no_connection_do_not_use_up_the_attempts():
    many = [Option("a", tuple(map(str, range(10)))), Option("b", ("y",))]
    tried = [Tried("a", str(number), Failure.REFUSED) for number in range(10)]
    assert next_attempt(many, tried, 1.0) == ("b", "y")
    tried = [Tried("a", str(number), Failure.BROKEN) for number in range(MAX_ATTEMPTS)]
    assert next_attempt(many, tried, 1.0) is None
