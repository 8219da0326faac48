from gateway.policy.diff.change import Kind
from gateway.policy.diff.edits import Edit
from gateway.policy.diff.money import price, team

RATES = {"input": 10**9, "output": 2 * 10**9, "cached_input": 0, "cache_write": 0, "source": "yaml"}


def test_only_the_rates_that_differ_are_reported():
    (effect,) = price(Edit(("targets", "t", "price"), RATES, RATES | {"output": 3 * 10**9, "source": "catalog:x"}))

    assert effect.kind is Kind.COST
    assert effect.what == "target t price: output 2.0 → 3.0 USD, source yaml → catalog:x"


def test_a_budget_comes():
    budget = {"usd_nanos": 5 * 10**9, "per": "month", "covers": "all", "on_exhausted": "reject"}

    (effect,) = team(Edit(("teams", "t", "budget"), None, budget))

    assert effect.what == "team t budget: none → 5.0 USD a month (all, reject)"
