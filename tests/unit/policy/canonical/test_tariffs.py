"""What a policy says about money becomes one tariff a target."""

from datetime import UTC, datetime

import pytest

from gateway.policy.load.build import build
from tests.unit.policy.conftest import closed, local

NEW_YEAR, SPRING = (int(datetime(2027, month, 1, tzinfo=UTC).timestamp()) * 10**9 for month in (1, 4))
RATES = {"input_per_mtok_usd": 2, "output_per_mtok_usd": 2}


def away(make, *prices, commitments=(), **more):
    targets = [local("home"), closed("away", **more)]
    return make(targets=targets, prices=list(prices), commitments=list(commitments)).targets["away"]


def inputs(target):
    return [(period.start_ns, period.tiers[0].price.input) for period in target.tariff.periods]


def test_one_price_for_all_is_no_tariff(make):
    assert away(make).tariff.periods == ()
    assert away(make).price.source == "yaml"


def test_a_price_holds_from_its_date_on(make):
    target = away(make, {"target": "away", "from": "2027-01-01", "price": RATES | {"input_per_mtok_usd": 3}})

    assert inputs(target) == [(0, 2 * 10**9), (NEW_YEAR, 3 * 10**9)]
    assert target.charge(NEW_YEAR - 1, 0).source == "yaml"
    assert target.charge(NEW_YEAR, 0).source == "yaml:2027-01-01"


@pytest.mark.parametrize("start", ["2027-01-01T08:00:00Z", "2027-01-02T00:30:00Z", "2027-01-02T00:30:00+02:00"])
def test_what_is_kept_of_a_budget_bounds_a_call_on_the_day_its_price_rises(make, start):
    target = away(make, {"target": "away", "from": start, "price": RATES | {"input_per_mtok_usd": 3}})
    day, moment = NEW_YEAR, int(datetime.fromisoformat(start).timestamp()) * 10**9

    assert target.charge(moment, 10).input == 3 * 10**9
    assert max(price.input for price in target.hold(day, 10)) == 3 * 10**9


def test_a_discount_stays_until_another_price_comes(make):
    target = away(
        make,
        {"model": "away", "from": "2027-01-01", "discount": 0.5},
        {"target": "away", "from": "2027-02-01", "price": RATES | {"discount": 0.25}},
        {"target": "away", "from": "2027-04-01", "price": RATES},
        price=RATES | {"discount": 0.1},
    )

    assert inputs(target) == [
        (0, 1_800_000_000),
        (NEW_YEAR, 10**9),
        (NEW_YEAR + 31 * 86_400 * 10**9, 1_500_000_000),
        (SPRING, 2 * 10**9),
    ]
    assert target.charge(NEW_YEAR, 0).source == "yaml:2027-01-01-50%"


def test_of_two_of_one_date_the_one_for_the_target_holds(make):
    by_model = {"model": "away", "from": "2027-01-01", "discount": 0.5}
    by_target = {"target": "away", "from": "2027-01-01", "discount": 0.25}

    assert away(make, by_model, by_target) == away(make, by_target, by_model)
    assert inputs(away(make, by_target, by_model))[1] == (NEW_YEAR, 1_500_000_000)


def test_a_commitment_has_its_own_discount_while_it_lasts(make):
    promise = {"id": "c", "usd": 5, "from": "2027-01-01", "to": "2027-04-01", "covers": ["away"]}

    assert inputs(away(make, commitments=[promise | {"discount": 0.5}])) == [
        (0, 2 * 10**9),
        (NEW_YEAR, 10**9),
        (SPRING, 2 * 10**9),
    ]
    assert away(make, commitments=[promise]).tariff.periods == ()


def test_commitments_are_part_of_the_snapshot(make):
    promise = {"id": "c", "usd": 5, "from": "2027-01-01", "to": "2027-04-01", "covers": ["away"]}
    snapshot = make(commitments=[promise])

    (one,) = snapshot.commitments
    assert (one.id, one.amount, one.start_ns, one.end_ns, one.covers) == ("c", 5 * 10**9, NEW_YEAR, SPRING, ("away",))
    assert build(snapshot.canonical).commitments == snapshot.commitments


def test_tiers_and_buckets_of_a_price_of_ones_own(make):
    price = RATES | {
        "cache_write_1h_per_mtok_usd": 4,
        "audio_input_per_mtok_usd": 9,
        "reasoning_per_mtok_usd": 0,
        "web_search_usd": 0.01,
        "tiers": [
            {"above_input_tokens": 200_000, "input_per_mtok_usd": 4},
            {"service": "flex", "input_per_mtok_usd": 1, "output_per_mtok_usd": 0.5},
        ],
    }
    target = away(make, price=price)
    plain, long, flex = (target.charge(0, size, tier) for size, tier in ((0, ""), (200_001, ""), (200_001, "flex")))

    assert (plain.cache_write_1h, plain.audio_input, plain.reasoning) == (4 * 10**9, 9 * 10**9, 0)
    assert (plain.web_search, long.web_search) == (10**7, 10**7)
    assert (long.output, long.cache_write_1h, long.source) == (4 * 10**9, 8 * 10**9, "yaml#above_200k")
    assert (flex.input, flex.output, flex.source) == (10**9, 500_000_000, "yaml#flex")


def test_a_price_from_the_book_may_have_a_discount(make):
    target = away(make, model="gpt-5", price={"catalog": "gpt-5", "discount": 0.1})
    list_price = away(make, model="gpt-5", price="catalog")

    assert target.price.input * 10 == list_price.price.input * 9
    assert target.price.source == list_price.price.source + "-10%"


def test_own_hardware_is_ranked_by_what_is_planned_and_charged_in_full(make):
    price = {
        "purchase_usd": 262_800,
        "depreciation_years": 3,
        "power_kw": 10,
        "power_usd_per_kwh": 0.1,
        "pue": 1.5,
        "staff_usd_per_hour": 11.5,
        "tokens_per_second": 10_000,
        "planned_utilization": 0.5,
    }
    home = make(targets=[local("home", price=price), closed("away")]).targets["home"]
    (period,) = home.tariff.periods

    assert home.route(0, 1).input == -(-11_500_000_000 // 18)
    assert home.charge(0, 1).input == -(-23 * 10**9 // 18)
    assert home.price == home.route(0, 1)
    assert (period.hour.bill, period.hour.tokens, period.hour.gpus) == (23 * 10**9, 36_000_000, 1)


def test_a_lease_may_change_at_a_date(make):
    lease = {"gpu_hour_usd": 3.6, "tokens_per_second": 1000, "gpus": 2}
    dated = {"target": "home", "from": "2027-01-01", "price": lease | {"gpu_hour_usd": 1.8}}
    home = make(targets=[local("home", price=lease), closed("away")], prices=[dated]).targets["home"]

    assert [period.hour.bill for period in home.tariff.periods] == [7_200_000_000, 3_600_000_000]
    assert home.route(NEW_YEAR, 1).input == 10**9


@pytest.mark.parametrize(
    ("dated", "needed"), [((), False), (({"target": "away", "from": "2027-01-01", "discount": 0},), True)]
)
def test_a_snapshot_tells_whether_it_must_know_the_day(make, dated, needed):
    assert make(prices=list(dated)).dated is needed


def test_the_list_price_is_known_beside_a_discount_whether_dated_or_not(make):
    reduced = {"price": RATES | {"discount": 0.25}}
    later = away(make, {"target": "away", "from": "2027-01-01", "discount": 0.5}, **reduced)
    built = build(make(targets=[local("home"), closed("away", **reduced)]).canonical).targets["away"]

    for target in (away(make, **reduced), built, later):
        assert (target.charge(0, 9).input, target.listed(0, 9).input) == (1_500_000_000, 2 * 10**9)
    assert (later.charge(NEW_YEAR, 9).input, later.listed(NEW_YEAR, 9).input) == (10**9, 2 * 10**9)
    assert away(make).listed(0, 9) == away(make).price
