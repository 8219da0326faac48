"""Rows of a report add up exactly, in any order; percentiles are at most a percent off."""

import math
from collections import Counter
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.costs import GROUPINGS, CostRow, bucket_of, percentile, total

buckets = st.dictionaries(st.integers(0, 2000), st.integers(1, 50), max_size=5)
rows = st.builds(
    CostRow,
    name=st.just("row"),
    **{
        item.name: buckets if item.name in {"latency", "ttft"} else st.integers(0, 10**15)
        for item in fields(CostRow)
        if item.name != "name"
    },
)


@given(st.lists(rows, max_size=4), st.randoms())
def test_the_order_of_rows_does_not_change_their_sum(many, random):
    mixed = list(many)
    random.shuffle(mixed)

    assert total(mixed) == total(many)


@given(rows, rows, rows)
def test_sums_of_sums_are_the_sum(one, two, three):
    assert one.plus(two).plus(three) == one.plus(two.plus(three))


@given(rows)
def test_nothing_added_changes_nothing(row):
    assert row.plus(CostRow("other")) == row


@given(rows, rows)
def test_money_adds_up_to_the_nano_dollar(one, two):
    added = total([one, two], "both")

    assert added.name == "both"
    assert added.closed_cost == one.closed_cost + two.closed_cost
    assert added.local_cost == one.local_cost + two.local_cost


def test_the_sum_of_nothing_is_nothing():
    assert total([]) == CostRow("total")


@given(st.lists(st.floats(1, 10**13), min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_percentile_is_at_most_one_percent_off(values, share):
    estimate = percentile(Counter(map(bucket_of, values)), share)
    true = sorted(values)[math.ceil(share * len(values)) - 1]

    assert estimate == pytest.approx(true, rel=0.0101)


def test_nothing_counted_has_no_percentile():
    assert percentile({}, 0.5) is None


@pytest.mark.parametrize("value", [0, 0.5, 1, -3])
def test_what_is_below_one_is_in_the_first_bucket(value):
    assert bucket_of(value) == 0


def test_reports_can_be_grouped_as_the_contract_says():
    assert GROUPINGS == ("team", "target", "model", "task", "key", "day", "cost_center")
