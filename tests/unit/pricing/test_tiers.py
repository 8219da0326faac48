from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.price import Price, Tier
from gateway.pricing.tiers import discounted, resourced, tier_of

RATES = st.integers(0, 10**12)
PLAIN = Price(1000, 4000, 100, 1250, "catalog:d:m", cache_write_1h=2000, web_search=10)


def test_a_tier_says_what_it_gives_and_the_rest_moves_as_its_input_does():
    tier = tier_of(PLAIN, "batch", 200_000, {"input": 500, "output": 3000})

    assert tier.price == Price(
        *(500, 3000, 50, 625, "catalog:d:m#batch,above_200k"), cache_write_1h=1000, web_search=10
    )
    assert tier_of(PLAIN, "", 1500, {"input": 0}).price.source == "catalog:d:m#above_1500"


def test_what_is_part_of_the_output_moves_as_the_output_does():
    thinking = Price(1000, 4000, 100, 1250, "yaml", reasoning=4000, audio_output=8000, audio_input=3000)
    tier = tier_of(thinking, "", 200_000, {"input": 2000, "output": 6000}).price

    assert (tier.reasoning, tier.audio_output, tier.audio_input) == (6000, 12_000, 6000)
    assert tier_of(thinking, "flex", 0, {"input": 500}).price.reasoning == 2000


def test_of_a_free_model_nothing_can_be_scaled():
    free = Price(0, 7, 0, 0, "yaml")

    assert tier_of(free, "flex", 0, {"input": 5}).price == Price(5, 7, 0, 0, "yaml#flex")


def test_a_discount_is_exact_and_reported():
    tier = discounted(Tier("", 0, PLAIN), Decimal("0.12"), "-12%")

    assert tier.price == Price(880, 3520, 88, 1100, "catalog:d:m-12%", cache_write_1h=1760, web_search=9)


@given(st.builds(Price, *[RATES] * 4, st.just("yaml"), *[st.none() | RATES] * 6), st.decimals(0, "0.99", places=3))
def test_a_discount_is_at_most_a_nano_dollar_off_and_never_below(price, share):
    found = discounted(Tier("", 0, price), share, "").price

    for name in ("input", "output", "cached_input", "cache_write", "reasoning", "web_search"):
        before, after = getattr(price, name), getattr(found, name)
        assert (before is None) == (after is None)
        assert after is None or 0 <= after - before * (1 - share) < 1


def test_a_source_is_changed_before_its_tier():
    tier = tier_of(PLAIN, "batch", 0, {"input": 1})

    assert resourced(tier, "yaml:2026-12-01").price.source == "yaml:2026-12-01#batch"
