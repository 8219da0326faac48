"""FOCUS: one row a charge, cash to the nano-dollar, and what finance needs to tell rows apart."""

import csv
import io
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.label import Clearance
from gateway.domain.price import Price
from gateway.domain.target import Target
from gateway.reports.focus import COLUMNS, Charge, FocusCharges, _quoted, charges, listed, render

PRICE = Price(1, 1, 1, 1, "yaml")
TARGETS = {
    "gpt": Target("gpt", "closed", "openai", "gpt-5", (), Clearance(), PRICE, {}, 8, 8, region="us"),
    "qwen": Target("qwen", "local", "sglang", "Qwen", ("http://a:1",), Clearance(), PRICE, {}, 8, 8),
}
NAMES = ("2026-12-31", "support", "key1", "auto", "(none)", "gpt", "4711")
PAID = FocusCharges(
    attempts=2,
    input_tokens=100,
    cached_input_tokens=40,
    output_tokens=10,
    closed_cost=1000,
    cached_input_cost=40,
    output_cost=360,
)


def rows(groups, idle=None):
    return list(csv.DictReader(io.StringIO("".join(render(groups.items(), idle or {}, TARGETS, "acme")))))


def test_a_group_has_a_row_for_each_bucket_with_its_mean_price():
    found = {row["SkuId"]: row for row in rows({NAMES: PAID})}

    assert {name: row["BilledCost"] for name, row in found.items()} == {
        "gpt/input": "0.0000006",
        "gpt/cached_input": "0.00000004",
        "gpt/output": "0.00000036",
    }
    assert found["gpt/input"]["ConsumedQuantity"] == "60.0"
    assert Decimal(found["gpt/input"]["ContractedUnitPrice"]) == Decimal("1e-8")


def test_a_row_says_when_who_and_where():
    row = rows({NAMES: PAID})[0]

    assert tuple(row) == COLUMNS
    assert (row["ChargePeriodStart"], row["ChargePeriodEnd"]) == ("2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z")
    assert (row["BillingPeriodStart"], row["BillingPeriodEnd"]) == ("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z")
    assert (row["SubAccountId"], row["ResourceId"], row["ProviderName"], row["RegionId"]) == (
        *("support", "gpt", "OpenAI", "us"),
    )
    assert json.loads(row["Tags"]) == {"team": "support", "key": "key1", "model": "auto", "cost_center": "4711"}


def test_own_hardware_is_effective_cost_and_no_cash_and_idle_stands_alone():
    used = FocusCharges(attempts=1, input_tokens=5, local_cost=70)
    found = rows({(*NAMES[:5], "qwen", ""): used}, {("qwen", "2026-12-31"): 30})

    assert [(row["BilledCost"], row["EffectiveCost"]) for row in found] == [
        ("0.0", "0.00000007"),
        ("0.0", "0.00000003"),
    ]
    assert {row["ProviderName"] for row in found} == {"Own hardware"}
    assert json.loads(found[1]["Tags"]) == {"idle": "true"}
    assert found[1]["SubAccountId"] == ""


def test_a_correction_is_called_one_and_has_no_quantity():
    (row,) = rows({NAMES: FocusCharges(attempts=1, closed_cost=-5, other_cost=-5)})

    assert (row["BilledCost"], row["ChargeClass"], row["ConsumedQuantity"]) == ("-0.000000005", "Correction", "")


def test_a_target_that_policy_no_longer_has_is_still_billed():
    (row,) = rows({(*NAMES[:5], "gone", ""): FocusCharges(attempts=1, closed_cost=5, other_cost=5)})

    assert (row["ProviderName"], row["ResourceName"], row["BilledCost"]) == ("Unknown", "gone", "0.000000005")


def test_what_was_free_is_reported_and_what_never_was_is_not():
    assert [one.quantity for one in charges(FocusCharges(attempts=1, input_tokens=5, output_tokens=2))] == [5, 2]
    assert list(charges(FocusCharges(attempts=1))) == []


amounts = st.integers(0, 10**12)
groups = st.builds(
    FocusCharges,
    attempts=st.integers(0, 9),
    input_tokens=amounts,
    cached_input_tokens=amounts,
    output_tokens=amounts,
    closed_cost=amounts,
    local_cost=st.just(0) | amounts,
    cached_input_cost=amounts,
    output_cost=amounts,
    other_cost=st.integers(-(10**6), 10**12),
)


@given(groups)
def test_what_is_billed_sums_to_the_cash_and_what_is_effective_to_all(row):
    found = list(charges(row))

    assert sum(one.billed for one in found) == row.closed_cost
    assert sum(one.effective for one in found) == row.closed_cost + row.local_cost


def test_the_list_cost_is_what_it_would_have_been_without_the_contract():
    found = {row["SkuId"]: row for row in rows({NAMES: PAID._replace(discount=250)})}

    assert {name: row["ListCost"] for name, row in found.items()} == {
        "gpt/cached_input": "0.00000005",
        "gpt/input": "0.00000075",
        "gpt/output": "0.00000045",
    }
    assert found["gpt/input"]["ContractedCost"] == found["gpt/input"]["EffectiveCost"] == "0.0000006"
    assert Decimal(found["gpt/input"]["ListUnitPrice"]) == Decimal("1.25e-8")
    assert Decimal(found["gpt/input"]["ContractedUnitPrice"]) == Decimal("1e-8")


def test_without_a_contract_the_list_cost_is_the_contracted_one():
    assert all(row["ListCost"] == row["ContractedCost"] for row in rows({NAMES: PAID}))


@given(st.lists(st.integers(-(10**6), 10**12), max_size=5), st.integers(0, 10**12))
def test_parts_of_a_discount_sum_to_it_and_none_is_negative(costs, discount):
    found = list(listed([Charge("input", 1, "Tokens", cost, cost) for cost in costs], discount))

    assert sum(one.discount for one in found) == (discount if found else 0)
    assert all(one.discount >= 0 for one in found)
    assert [one._replace(discount=0) for one in found] == [Charge("input", 1, "Tokens", cost, cost) for cost in costs]


@given(st.text(), st.sampled_from(["", ",", '"', "\n", "\r", " "]))
def test_cells_are_quoted_as_the_csv_module_does(text, sign):
    out = io.StringIO()
    csv.writer(out).writerow(["x", cell := text + sign])
    assert f"x,{_quoted(cell)}\r\n" == out.getvalue()


@pytest.mark.parametrize("name", ["=1+1", '"', "\x1b[31m", "a,b\nc"])
def test_names_that_callers_choose_stay_inside_of_the_tags(name):
    (row, *_) = rows({(*NAMES[:3], name, name, "gpt", ""): PAID})

    assert row["Tags"].startswith("{")
    assert "\x1b" not in row["Tags"]
    assert name not in {value for column, value in row.items() if column != "Tags"}
