"""What cannot be priced is an error with its place; nothing ever costs 0 because nobody knew."""

import pytest

from gateway.policy.load.errors import PolicyErrors
from tests.unit.policy.conftest import closed, local

GPU = {"gpu_hour_usd": 1, "tokens_per_second": 5}
RATES = {"input_per_mtok_usd": 2, "output_per_mtok_usd": 2}
BATCH = {"service": "batch", "input_per_mtok_usd": 1}
DATED = {"target": "away", "from": "2027-01-01"}
PROMISE = {"id": "c", "usd": 5, "from": "2027-01-01", "to": "2027-04-01", "covers": ["away"]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"prices": [DATED | {"target": "awey", "discount": 0.1}]},
            "prices[0].target: there is no target `awey`; did you",
        ),
        ({"prices": [{"model": "x", "from": "2027-01-01", "discount": 0.1}]}, "prices[0].model: no target serves `x`"),
        ({"prices": [DATED | {"price": "catalog"}]}, "prices[0].price: the price book of"),
        (
            {"targets": [closed("away", price=RATES | {"tiers": [BATCH, BATCH | {"input_per_mtok_usd": 2}]})]},
            "lists the tier `batch` twice",
        ),
        ({"prices": [DATED]}, "changes nothing; give `price`, `discount`, or both"),
        ({"prices": [{"from": "2027-01-01", "discount": 0}]}, "needs either `target`"),
        ({"prices": [DATED | {"price": RATES | {"discount": 0.1}, "discount": 0.2}]}, "has two discounts"),
        ({"prices": [DATED | {"discount": 1}]}, "prices[0].discount"),
        ({"prices": [{"target": "away", "discount": 0.5}]}, "prices[0].from: is missing"),
        (
            {
                "targets": [local("home", price=GPU), closed("away")],
                "prices": [DATED | {"target": "home", "discount": 0}],
            },
            "prices[0].discount: own hardware has no list price to discount; give its price",
        ),
        ({"commitments": [PROMISE, PROMISE]}, "commitments[1]: duplicate `c`"),
        (
            {"commitments": [PROMISE, PROMISE | {"id": "d", "from": "2027-03-01", "to": "2028-01-01"}]},
            "commitments[1]: covers `away` while `c` does",
        ),
        ({"commitments": [PROMISE | {"covers": ["home"]}]}, "commitments[0].covers: there is no closed target `home`"),
        ({"commitments": [PROMISE | {"to": "2027-01-01"}]}, "ends before it begins"),
        ({"commitments": [PROMISE | {"usd": 0}]}, "commitments[0].usd"),
    ],
)
def test_a_fault_is_reported_with_its_place(make, changes, words):
    with pytest.raises(PolicyErrors) as error:
        make(**changes)

    assert words in str(error.value)


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (GPU | {"power_kw": 1}, "give both"),
        (GPU | {"planned_utilization": 0}, "planned_utilization"),
        (GPU | {"pue": 0.5, "power_kw": 1, "power_usd_per_kwh": 1}, "pue"),
        ({"purchase_usd": 5, "tokens_per_second": 5}, "is not one of the three forms"),
        (GPU | {"purchase_usd": 5, "depreciation_years": 1}, "is not one of the three forms"),
        (RATES | {"tiers": [{"input_per_mtok_usd": 1}]}, "needs above_input_tokens"),
        ({"catalog": "gpt-5", "tiers": []}, "is not one of the three forms"),
    ],
)
def test_an_incomplete_price_is_refused(make, price, words):
    with pytest.raises(PolicyErrors) as error:
        make(targets=[local("home", price=price), closed("away")])

    assert words in str(error.value)
