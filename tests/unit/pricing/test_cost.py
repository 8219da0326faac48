from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from support.replacing import replace

from gateway.domain.label import Clearance
from gateway.domain.price import Price, Tariff, TariffPeriod, Tier
from gateway.domain.target import Target
from gateway.domain.usage import Usage
from gateway.pricing.cost import charge, cost, discount, parts
from gateway.pricing.tiers import discounted

PRICE = Price(
    input=3_000_000_000, output=15_000_000_000, cached_input=300_000_000, cache_write=3_750_000_000, source="yaml"
)
RATES = st.integers(0, 10**12)
TOKENS = st.integers(0, 10**7)
PRICES = st.builds(Price, RATES, RATES, RATES, RATES, st.just("yaml"))
SOME = st.just(0) | TOKENS
BUCKETS = st.builds(
    Usage,
    TOKENS,
    SOME,
    SOME,
    TOKENS,
    SOME,
    cache_write_1h_tokens=SOME,
    audio_input_tokens=SOME,
    image_input_tokens=SOME,
    audio_output_tokens=SOME,
)
USAGES = st.builds(Usage, TOKENS, TOKENS, TOKENS, TOKENS, TOKENS)


def test_each_token_is_billed_in_one_bucket():
    usage = Usage(
        input_tokens=1000, cached_input_tokens=600, cache_write_tokens=300, output_tokens=10, reasoning_tokens=9
    )

    assert cost(PRICE, usage) == 100 * 3000 + 600 * 300 + 300 * 3750 + 10 * 15000


def test_a_part_above_its_sum_does_not_make_the_rest_negative():
    assert cost(PRICE, Usage(input_tokens=10, cached_input_tokens=50)) == 50 * 300


def test_it_is_rounded_up_once():
    odd = Price(1, 1, 1, 1, "yaml")

    assert cost(odd, Usage(input_tokens=1, output_tokens=1)) == 1
    assert cost(odd, Usage()) == 0


@given(PRICES, USAGES, st.integers(0, 9))
def test_parts_sum_to_the_cost_to_the_nano_dollar(price, usage, searches):
    price, usage = replace(price, web_search=7), replace(usage, web_searches=searches)
    found, whole = parts(price, usage), cost(price, usage)
    plain = whole - found.cached_input - found.cache_write - found.output - found.other

    assert min(plain, found.cached_input, found.cache_write, found.output) >= 0
    assert abs(found.output * 1_000_000 - usage.output_tokens * price.output) < 1_000_000
    assert found.other == 7 * searches


@given(PRICES, USAGES)
def test_it_is_never_negative_and_whole(price, usage):
    assert isinstance(cost(price, usage), int)
    assert cost(price, usage) >= 0


@given(PRICES, USAGES, TOKENS)
def test_more_output_never_costs_less(price, usage, more):
    longer = Usage(usage.input_tokens, usage.cached_input_tokens, usage.cache_write_tokens, usage.output_tokens + more)

    assert cost(price, longer) >= cost(price, usage)


@given(PRICES, TOKENS, TOKENS)
def test_more_input_never_costs_less(price, tokens, more):
    assert cost(price, Usage(input_tokens=tokens + more)) >= cost(price, Usage(input_tokens=tokens))


@given(PRICES, USAGES, USAGES)
def test_the_rounding_of_a_sum_is_at_most_one_nano_a_part(price, one, other):
    plain = [Usage(usage.input_tokens, output_tokens=usage.output_tokens) for usage in (one, other)]
    both = Usage(one.input_tokens + other.input_tokens, output_tokens=one.output_tokens + other.output_tokens)

    assert 0 <= sum(cost(price, usage) for usage in plain) - cost(price, both) <= 1


MEDIA = Price(
    *(100, 200, 10, 125),
    "yaml",
    cache_write_1h=160,
    audio_input=1000,
    image_input=50,
    audio_output=2000,
    reasoning=300,
    web_search=7,
)


def test_every_bucket_has_its_own_rate():
    usage = Usage(
        *(1_000_000, 100_000, 300_000, 1_000_000, 200_000),
        cache_write_1h_tokens=200_000,
        audio_input_tokens=100_000,
        image_input_tokens=100_000,
        audio_output_tokens=300_000,
        web_searches=3,
    )
    way_in = 400_000 * 100 + 100_000 * 10 + 100_000 * 125 + 200_000 * 160 + 100_000 * 1000 + 100_000 * 50
    way_out = 500_000 * 200 + 200_000 * 300 + 300_000 * 2000

    assert cost(MEDIA, usage) == -(-(way_in + way_out) // 10**6) + 3 * 7


def test_a_bucket_without_a_rate_costs_what_the_one_around_it_does():
    usage = Usage(*(10**6, 0, 10**5, 10**6, 10**5), cache_write_1h_tokens=10**5, audio_output_tokens=10**5)
    plain = Usage(10**6, 0, 10**5, 10**6)

    assert cost(PRICE, usage) == cost(PRICE, plain)
    assert cost(replace(PRICE, cache_write_1h=0), usage) == cost(PRICE, plain) - PRICE.cache_write // 10


PART = st.integers(0, 10**6)


@given(
    st.builds(Price, *[RATES] * 4, st.just("yaml"), *[st.none() | RATES] * 6), st.lists(PART, min_size=9, max_size=9)
)
def test_one_more_of_any_bucket_never_costs_less(price, parts):
    before = cost(price, bucketed(parts))

    for place in range(len(parts)):
        more = [count + (place == at) for at, count in enumerate(parts)]
        assert cost(price, bucketed(more)) >= before


def bucketed(parts):
    """Return an inclusive usage of buckets that do not overlap."""
    plain, cached, short, hour, audio, image, out, reasoning, spoken = parts
    return Usage(
        *(plain + cached + short + hour + audio + image, cached, short + hour, out + reasoning + spoken, reasoning),
        cache_write_1h_tokens=hour,
        audio_input_tokens=audio,
        image_input_tokens=image,
        audio_output_tokens=spoken,
        web_searches=hour,
    )


def test_a_charge_is_that_of_the_calls_time_size_and_tier():
    long = replace(PRICE, input=6_000_000_000, source="yaml#above_200k")
    later = replace(PRICE, input=0, source="yaml:later")
    tariff = Tariff(
        (TariffPeriod(0, (Tier("", 0, PRICE), Tier("", 200_000, long))), TariffPeriod(9, (Tier("", 0, later),)))
    )
    where = Target("t", "closed", "openai", "m", (), Clearance(), PRICE, {}, 8, 8, tariff=tariff)

    assert charge(where, 8, Usage(200_000)) == (600_000_000, "yaml")
    assert charge(where, 8, Usage(200_001)) == (1_200_006_000, "yaml#above_200k")
    assert charge(where, 9, Usage(200_001)) == (0, "yaml:later")


@given(PRICES, USAGES, st.integers(0, 99))
def test_what_is_charged_and_the_discount_are_the_list_cost_and_the_discount_is_never_negative(price, usage, percent):
    tier = discounted(Tier("", 0, price), Decimal(percent) / 100, "")
    plain = Target("t", "closed", "openai", "m", (), Clearance(), price, {}, 8, 8)
    reduced = replace(plain, tariff=Tariff((TariffPeriod(0, (tier,)),)))
    charged, _ = charge(reduced, 5, usage)

    assert charged + discount(reduced, 5, usage, charged) == cost(price, usage)
    assert discount(reduced, 5, usage, charged) >= 0
    assert discount(plain, 5, usage, cost(price, usage)) == 0


@given(PRICES, BUCKETS, st.none() | RATES, st.integers(0, 9))
def test_a_cost_is_the_sum_of_its_buckets_at_their_rates(price, usage, rate, searches):
    price = replace(price, cache_write_1h=rate, audio_input=rate, reasoning=rate, web_search=rate)
    usage = replace(usage, web_searches=searches)
    hour = min(usage.cache_write_1h_tokens, usage.cache_write_tokens)
    reasoning = min(usage.reasoning_tokens, usage.output_tokens)
    spoken = min(usage.audio_output_tokens, usage.output_tokens - reasoning)
    inside = usage.cached_input_tokens + usage.cache_write_tokens + usage.audio_input_tokens + usage.image_input_tokens
    whole = (
        max(usage.input_tokens - inside, 0) * price.input
        + usage.cached_input_tokens * price.cached_input
        + (usage.cache_write_tokens - hour) * price.cache_write
        + hour * (price.cache_write if rate is None else rate)
        + usage.audio_input_tokens * (price.input if rate is None else rate)
        + usage.image_input_tokens * price.input
        + (usage.output_tokens - reasoning - spoken) * price.output
        + reasoning * (price.output if rate is None else rate)
        + spoken * price.output
    )
    assert cost(price, usage) == -(-whole // 1_000_000) + searches * (rate or 0)
