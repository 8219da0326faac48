from hypothesis import given
from hypothesis import strategies as st
from support.replacing import replace

from gateway.domain.price import Price
from gateway.domain.usage import Usage
from gateway.pricing.rerate import Charged
from gateway.pricing.true_up import true_up

PLANNED = Price(10, 10, 1, 10, "gpu")


def call(number, output, cost=0, team="a"):
    return Charged(f"att_{number}", f"dec_{number}", 5, "home", team, Usage(output_tokens=output), cost, "gpu")


def test_each_call_gets_its_part_of_its_teams_share():
    found = true_up([call(1, 30, 100), call(2, 10, 25), call(3, 5, 9, "b")], {"a": 100, "b": 9}, PLANNED, 7)

    assert [(one.attempt, one.amount, one.reason, one.at) for one in found] == [("att_1", -25, "gpu_hour", 7)]


def test_an_hour_that_was_made_up_for_before_is_another_adjustment():
    (first,) = true_up([call(1, 30, 100)], {"a": 90}, PLANNED, 7)
    (third,) = true_up([replace(call(1, 30, 100), corrections=2)], {"a": 90}, PLANNED, 9)

    assert first.amount == third.amount == -10
    assert first.id != third.id


def test_a_call_of_nothing_costs_nothing_of_the_hour():
    (found,) = true_up([call(1, 0, 50)], {"a": 0}, PLANNED, 7)

    assert found.amount == -50


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**9)), min_size=1, max_size=9), st.integers(0, 10**12)
)
def test_the_calls_of_an_hour_sum_to_what_was_allocated_and_twice_is_once(calls, share):
    listed = [call(number, output, cost) for number, (output, cost) in enumerate(calls)]
    amounts = {one.attempt: one.amount for one in true_up(listed, {"a": share}, PLANNED, 7)}
    after = [replace(one, cost=one.cost + amounts.get(one.attempt, 0)) for one in listed]

    assert sum(one.cost for one in after) == share
    assert true_up(after, {"a": share}, PLANNED, 8) == []
