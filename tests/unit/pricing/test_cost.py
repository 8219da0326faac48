from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.target import Price
from gateway.domain.usage import Usage
from gateway.pricing.cost import cost

PRICE = Price(
    input=3_000_000_000, output=15_000_000_000, cached_input=300_000_000, cache_write=3_750_000_000, source="yaml"
)
RATES = st.integers(0, 10**12)
TOKENS = st.integers(0, 10**7)
PRICES = st.builds(Price, RATES, RATES, RATES, RATES, st.just("yaml"))
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
