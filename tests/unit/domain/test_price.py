import pytest

from gateway.domain.price import GpuHour, Price, Tariff, TariffPeriod, Tier

PLAIN = Price(1, 2, 0, 1, "plain")
LONG = Price(2, 3, 0, 2, "long")
BATCH = Price(3, 4, 0, 3, "batch")
LATER = Price(9, 9, 9, 9, "later", cache_write_1h=0, audio_input=11, audio_output=12, web_search=5)
TARIFF = Tariff(
    (
        TariffPeriod(0, (Tier("", 0, PLAIN), Tier("", 200, LONG), Tier("batch", 0, BATCH))),
        TariffPeriod(100, (Tier("", 0, LATER),)),
    )
)
OWN = Tariff((TariffPeriod(0, (Tier("", 0, LATER),), PLAIN, GpuHour(10, 20, 2)),))
OTHER = Price(7, 7, 7, 7, "other")


@pytest.mark.parametrize(
    ("at", "tokens", "service", "price"),
    [
        (0, 0, "", PLAIN),
        (0, 200, "", PLAIN),
        (0, 201, "", LONG),
        (99, 201, "batch", BATCH),
        (0, 201, "flex", LONG),
        (100, 201, "", LATER),
        (10**18, 0, "batch", LATER),
        (-1, 0, "", OTHER),
    ],
)
def test_a_price_is_chosen_by_date_size_and_tier(at, tokens, service, price):
    assert TARIFF.charge(at, tokens, service, OTHER) == price


def test_a_tier_of_service_for_large_calls_alone_leaves_small_ones_at_the_standard_price():
    tariff = Tariff((TariffPeriod(0, (Tier("", 0, PLAIN), Tier("priority", 200, LONG))),))

    assert tariff.charge(0, 200, "priority", OTHER) == PLAIN
    assert tariff.charge(0, 201, "priority", OTHER) == LONG


def test_until_a_later_moment_the_prices_of_all_periods_before_it_are_reachable():
    assert TARIFF.reachable(0, 200, "", until_ns=100) == (PLAIN,)
    assert TARIFF.reachable(0, 200, "", until_ns=101) == (PLAIN, LATER)
    assert TARIFF.reachable(100, 200, "", until_ns=101) == (LATER,)


def test_the_list_price_is_that_of_the_same_tier_before_the_discount():
    tariff = Tariff((TariffPeriod(0, (Tier("", 0, PLAIN), Tier("", 200, PLAIN, listed=LONG))),))

    assert (tariff.charge(0, 201, "", OTHER), tariff.listed(0, 201, "", OTHER)) == (PLAIN, LONG)
    assert tariff.listed(0, 200, "", OTHER) == PLAIN
    assert Tariff().listed(0, 200, "", OTHER) == OTHER
    assert Tariff.from_json(tariff.as_json()) == tariff


def test_what_a_call_can_get_into_by_its_size_is_reachable_and_no_more():
    assert TARIFF.reachable(0, 200, "") == (PLAIN,)
    assert TARIFF.reachable(0, 201, "") == (PLAIN, LONG)
    assert TARIFF.reachable(0, 201, "batch") == (PLAIN, LONG, BATCH)
    assert TARIFF.reachable(-1, 201, "batch") == Tariff().reachable(0, 0, "") == ()


def test_a_tariff_survives_the_way_through_json():
    assert Tariff.from_json(TARIFF.as_json()) == TARIFF
    assert Tariff.from_json(OWN.as_json()) == OWN
    assert Tariff.from_json([]) == Tariff()


def test_the_dearest_rates_are_those_that_bound_a_call():
    assert (LATER.dearest_input, LATER.dearest_media, LATER.dearest_output) == (9, 11, 12)
    assert (PLAIN.dearest_input, PLAIN.dearest_media, PLAIN.dearest_output) == (1, 1, 2)


def test_a_rate_of_zero_is_kept_and_one_that_is_not_given_is_left_out():
    assert LATER.as_json()["cache_write_1h"] == 0
    assert list(PLAIN.as_json()) == ["input", "output", "cached_input", "cache_write", "source"]


def test_hardware_is_ranked_by_its_planned_rates_and_charged_at_the_loaded_ones():
    assert OWN.route(0, 1, "", OTHER) == PLAIN
    assert OWN.charge(0, 1, "", OTHER) == LATER
    assert TARIFF.route(0, 201, "", OTHER) == LONG
    assert Tariff().route(0, 201, "", OTHER) == OTHER


def test_what_is_worked_out_of_a_price_is_no_part_of_it():
    assert "dearest_input" not in LATER.as_json()
    assert Price(**LATER.as_json()) == LATER
    assert (LATER.dearest_input, LATER.dearest_media, LATER.dearest_output) == (9, 11, 12)
