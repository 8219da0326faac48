"""A difference is taken apart by what changed, and the parts sum to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.costs import CostRow
from gateway.reports.variance import EFFECTS, Bucket, Work, record, total, variance, work_of


def work(plain=0, cached=0, output=0, *, rates=(30, 3, 150), other=0):
    buckets = [Bucket(tokens, tokens * rate) for tokens, rate in zip((plain, cached, output), rates, strict=True)]
    return Work({"plain": buckets[0], "cached": buckets[1], "written": Bucket(0, 0)}, buckets[2], other)


def effects(before, after):
    return {name: amount for name, amount in total(variance(before, after)).effects.items() if amount}


def test_twice_as_much_of_the_same_is_volume():
    assert effects({"a": work(100, 100, 10)}, {"a": work(200, 200, 20)}) == {"volume": 100 * 33 + 1500}


def test_the_same_tokens_at_another_rate_is_price():
    dearer = work(100, 100, 10, rates=(40, 3, 200))

    assert effects({"a": work(100, 100, 10)}, {"a": dearer}) == {"price": 100 * 10 + 10 * 50}


def test_less_out_of_the_cache_is_cache():
    assert effects({"a": work(100, 100, 10)}, {"a": work(150, 50, 10)}) == {"cache": 50 * 27}


def test_the_same_work_at_another_target_is_mix_even_if_that_one_is_new():
    cheap = work(100, 0, 10, rates=(1, 1, 5))

    assert effects({"a": work(100, 0, 10)}, {"b": cheap}) == {"mix": 150 - 4500}


def test_more_output_for_the_same_tokens_is_mix():
    assert effects({"a": work(100, 0, 10)}, {"a": work(90, 0, 20)}) == {"mix": 10 * 120}


def test_a_correction_is_other():
    assert effects({"a": work(100, 0, 10)}, {"a": work(100, 0, 10, other=-7)}) == {"other": -7}


def test_from_nothing_and_to_nothing_is_volume():
    assert effects({}, {"a": work(100)}) == {"volume": 3000}
    assert effects({"a": work(100)}, {}) == {"volume": -3000}
    assert variance({}, {}) == []


def test_sums_of_a_report_are_taken_as_they_are():
    row = CostRow(
        "a",
        input_tokens=100,
        cached_input_tokens=60,
        cache_write_tokens=10,
        output_tokens=5,
        closed_cost=1000,
        cached_input_cost=60,
        cache_write_cost=40,
        output_cost=500,
        other_cost=9,
    )
    found = work_of(row)

    assert found.input == {"plain": Bucket(30, 391), "cached": Bucket(60, 60), "written": Bucket(10, 40)}
    assert (found.output, found.cost, found.tokens) == (Bucket(5, 500), 1000, 105)


def test_a_row_is_shown_in_dollars():
    (row,) = variance({"a": work(100)}, {"a": work(200)})

    assert record(row)["difference_usd"] == record(row)["volume_usd"] == "0.000003"


tokens = st.integers(0, 10**6)
costs = st.integers(0, 10**12)
buckets = st.builds(Bucket, tokens, costs)
works = st.builds(
    Work,
    st.fixed_dictionaries({"plain": buckets, "cached": buckets, "written": buckets}),
    buckets,
    st.integers(-(10**9), 10**12),
)
periods = st.dictionaries(st.sampled_from("abcd"), works)


@given(periods, periods)
def test_the_parts_sum_to_the_difference_to_the_nano_dollar(before, after):
    rows = variance(before, after)
    whole = total(rows)

    for row in (*rows, whole):
        assert sum(row.effects.values()) == row.difference
        assert tuple(row.effects) == EFFECTS
    spent = [sum(work.cost for work in period.values()) for period in (before, after)]
    assert [whole.before, whole.after] == spent


@pytest.mark.parametrize("factor", [2, 3, 10])
@given(period=st.dictionaries(st.sampled_from("abcd"), st.builds(work, tokens, tokens, tokens), min_size=1))
def test_the_same_in_every_way_but_size_is_volume_alone(factor, period):
    more = {
        name: Work(
            {key: Bucket(one.tokens * factor, one.cost * factor) for key, one in each.input.items()},
            Bucket(each.output.tokens * factor, each.output.cost * factor),
            0,
        )
        for name, each in period.items()
    }

    assert set(effects(period, more)) <= {"volume"}
