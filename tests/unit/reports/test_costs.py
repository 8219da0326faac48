"""The cost report: sums that add up exactly, savings that compare like with like."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.costs import CostRow, bucket_of, percentile, total
from gateway.reports.costs import Beside, as_json, build, dollars, milliseconds, percent, record, tokens

BUSY = CostRow(
    "support",
    requests=10,
    errors=1,
    client_closed=1,
    served=8,
    served_local=6,
    reference=9_000_000_000,
    referenced=8,
    attempts=12,
    estimated=3,
    input_tokens=1000,
    cached_input_tokens=400,
    output_tokens=500,
    local_tokens=900,
    closed_cost=1_000_000_001,
    local_cost=500_000_000,
    compared_cost=1_400_000_000,
    latency={bucket_of(1e9): 9, bucket_of(4e9): 1},
    ttft={bucket_of(2e8): 8},
)
IDLE = CostRow("legal", requests=2, closed_cost=7)


def test_money_is_shown_to_the_last_nano_dollar():
    line = as_json(build("team", "a", "b", [BUSY]))["rows"][0]

    assert line["spend_usd"] == "1.500000001"
    assert (line["closed_usd"], line["local_usd"]) == ("1.000000001", "0.5")


def test_savings_compare_only_what_has_a_reference():
    line = build("team", "a", "b", [BUSY]).lines[0]

    assert line.savings == 9_000_000_000 - 1_400_000_000
    assert line.savings_share == pytest.approx(7.6 / 9)


def test_without_a_reference_there_are_no_savings_rather_than_zero():
    row = record(build("team", "a", "b", [IDLE]).lines[0])

    assert (row["savings_usd"], row["savings_share"], row["reference_usd"]) == (None, None, None)


def test_more_than_the_reference_is_reported_as_a_loss():
    line = build("team", "a", "b", [CostRow("x", requests=1, referenced=1, reference=5, compared_cost=8)]).lines[0]

    assert (line.savings, line.savings_share) == (-3, -0.6)


def test_shares_are_of_what_was_served_and_of_all_tokens():
    line = build("team", "a", "b", [BUSY]).lines[0]

    assert (line.local_requests_share, line.local_tokens_share) == (0.75, 0.6)
    assert (line.estimated_share, line.per_thousand) == (0.25, 150_000_000_100)


def test_shares_of_nothing_are_unknown():
    row = record(build("team", "a", "b", []).total)

    assert {name for name, value in row.items() if value is None} >= {
        "savings_share",
        "local_requests_share",
        "local_tokens_share",
        "usd_per_1000_requests",
        "estimated_share",
        "latency_p50_ms",
    }


def test_the_dearest_comes_first_and_days_in_their_order():
    rows = [IDLE, BUSY, CostRow("cheap", requests=5)]

    assert [line.name for line in build("team", "a", "b", rows).lines] == ["support", "legal", "cheap"]
    days = [CostRow("2026-11-02", closed_cost=9), CostRow("2026-11-01")]
    assert [line.name for line in build("day", "a", "b", days).lines] == ["2026-11-01", "2026-11-02"]


def test_a_trend_has_its_empty_days_too():
    days = build(
        "team", "a", "b", [], Beside([CostRow("2026-10-31", requests=1), CostRow("2026-11-02", requests=1)])
    ).days

    assert [(day.name, day.row.requests) for day in days] == [("2026-10-31", 1), ("2026-11-01", 0), ("2026-11-02", 1)]


rows_of_any_size = st.lists(
    st.builds(
        CostRow,
        name=st.text(max_size=3),
        requests=st.integers(0, 1 << 40),
        closed_cost=st.integers(0, 1 << 62),
        local_cost=st.integers(0, 1 << 62),
        reference=st.integers(0, 1 << 62),
        latency=st.dictionaries(st.integers(0, 2000), st.integers(1, 99), max_size=4),
    ),
    max_size=12,
)


@given(rows_of_any_size)
def test_the_total_is_the_exact_sum_of_the_lines(rows):
    report = as_json(build("team", "a", "b", rows))

    for name in ("spend_usd", "closed_usd", "local_usd"):
        assert sum(Decimal(row[name]) for row in report["rows"]) == Decimal(report["total"][name])
    assert sum(row["requests"] for row in report["rows"]) == report["total"]["requests"]


@given(rows_of_any_size, st.integers(0, 12))
def test_it_does_not_matter_in_which_parts_rows_are_added_up(rows, cut):
    assert total([total(rows[:cut]), total(rows[cut:])]) == total(rows)


@given(st.lists(st.integers(1, 10**13), min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_percentile_is_within_one_percent_of_the_true_one(values, share):
    buckets: dict[int, int] = {}
    for value in values:
        buckets[bucket_of(value)] = buckets.get(bucket_of(value), 0) + 1
    rank = max(1, -int(-share * len(values) // 1))
    near = sorted(values)[max(0, rank - 2) : rank + 1]

    found = percentile(buckets, share)
    assert min(near) * 0.989 <= found <= max(near) * 1.011


def test_the_percentile_of_nothing_is_unknown():
    assert percentile({}, 0.5) is None


@pytest.mark.parametrize(
    ("nanos", "shown"),
    [
        (0, "$0"),
        (1, "$0.000000001"),
        (12_345, "$0.0000123"),
        (4_200_000, "$0.00420"),
        (500_000_000, "$0.500"),
        (1_234_567_890_123, "$1,234.57"),
        (-1_500_000_000, "-$1.50"),
    ],
)
def test_money_is_shown_with_as_many_places_as_there_is_to_see(nanos, shown):
    assert dollars(nanos) == shown


def test_other_figures_for_peoples_eyes():
    assert [tokens(count) for count in (999, 4800, 64_000, 1_163_000_000)] == ["999", "4.80k", "64.0k", "1.16G"]
    assert [percent(share) for share in (0, 0.125, 1, -0.5)] == ["0%", "12.5%", "100%", "-50%"]
    assert [milliseconds(value) for value in (3.2, 1500.0)] == ["3 ms", "1.5 s"]
