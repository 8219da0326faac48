import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.parts import PRICES, TIERS
from support.replacing import replace

from gateway.domain.facts import UNBOUNDED, Facts
from gateway.domain.label import Clearance
from gateway.domain.price import Price, Tariff, TariffPeriod, Tier
from gateway.domain.target import Params, Target
from gateway.domain.usage import Usage
from gateway.estimation.cost import (
    ASSUMED_FETCHES,
    DAY_NS,
    EXPECTED_OUTPUT_TOKENS,
    MOST_IMAGE_TOKENS,
    TOOL_TOKENS,
    estimates,
    expected,
    fetches,
    hold,
    input_bound,
    is_bounded,
    output_bound,
)
from gateway.pricing.cost import cost

PRICE = Price(1_000_000, 2_000_000, 100_000, 1_250_000, "yaml")
FLEX = Price(1, 1, 1, 1, "yaml#flex")


def target(params=None, limit=1000, price=PRICE, tariff=None):
    more = {"params": params or Params(), "tariff": tariff or Tariff()}
    return Target("t", "closed", "openai", "m", (), Clearance(), price, {}, 8000, limit, **more)


def facts(**more):
    return Facts("t", "k", "m", "openai.chat", **more)


@pytest.mark.parametrize(
    ("params", "asked", "bound"),
    [
        (Params(), 0, 1000),
        (Params(), 10, 10),
        (Params(), 5000, 1000),
        (Params(clamp={"max_tokens": 100}), 500, 100),
        (Params(clamp={"max_tokens": 100}), 0, 1000),
        (Params(clamp={"temperature": 1}), 500, 500),
        (Params(default={"max_tokens": 50}), 0, 50),
        (Params(default={"max_tokens": 50}), 70, 70),
        (Params(default={"temperature": 1}), 0, 1000),
        (Params(set={"max_completion_tokens": 300}), 0, 300),
        (Params(set={"max_tokens": 300}), 500, 500),
        (Params(set={"max_tokens": 300, "stream": True}, clamp={"max_tokens": 200}), 0, 200),
        (Params(set={"max_tokens": True}), 5, 5),
    ],
)
def test_the_most_that_one_choice_may_answer(params, asked, bound):
    assert output_bound(target(params), asked) == bound


def test_the_expected_cost_takes_a_usual_answer():
    assert expected(target(), facts(input_tokens=100)) == 100 + EXPECTED_OUTPUT_TOKENS * 2
    assert expected(target(), facts(input_tokens=100, max_tokens=10, choices=3)) == 100 + 30 * 2


def test_the_bound_takes_a_token_a_byte_at_the_dearest_rate():
    assert hold(target(), facts(input_bytes=1000, max_tokens=10, choices=2)) == 1250 + 20 * 2


RATES = st.integers(0, 10**12)


@given(
    st.builds(Price, RATES, RATES, RATES, RATES, st.just("yaml")),
    st.integers(0, 10**6),
    st.integers(0, 10**5),
    st.integers(1, 8),
    st.data(),
)
def test_no_answer_within_its_limits_costs_more_than_its_hold(price, size, asked, choices, data):
    where = target(price=price)
    request = facts(input_bytes=size, max_tokens=asked, choices=choices)
    tokens = data.draw(st.integers(0, size))
    cached = data.draw(st.integers(0, tokens))
    written = data.draw(st.integers(0, tokens - cached))
    output = data.draw(st.integers(0, output_bound(where, asked) * choices))

    assert cost(price, Usage(tokens, cached, written, output)) <= hold(where, request)


TIERED = Tariff(
    (
        TariffPeriod(0, (Tier("", 0, PRICE), Tier("", 100, replace(PRICE, input=5_000_000)), Tier("flex", 0, FLEX))),
        TariffPeriod(2 * DAY_NS, (Tier("", 0, replace(PRICE, output=9_000_000)),)),
    )
)


def test_the_expected_cost_is_that_of_its_date_size_and_tier():
    where = target(tariff=TIERED, limit=1)

    assert expected(where, facts(input_tokens=100)) == 100 + 2
    assert expected(where, facts(input_tokens=101)) == 505 + 2
    assert expected(where, facts(input_tokens=101, service_tier="flex")) == 1
    assert expected(where, facts(input_tokens=101, day=2)) == 101 + 9


def test_the_bound_takes_every_tier_that_the_size_allows():
    where = target(tariff=TIERED, limit=1)

    assert hold(where, facts(input_bytes=100)) == 125 + 2
    assert hold(where, facts(input_bytes=101)) == 505 + 2
    assert hold(where, facts(input_bytes=101, service_tier="flex")) == 505 + 2


def test_pictures_and_sound_are_bound_at_their_own_rate():
    where = target(price=replace(PRICE, audio_input=50_000_000), limit=1)

    assert hold(where, facts(input_bytes=100)) == 125 + 2
    assert hold(where, facts(input_bytes=100, needs=("audio",))) == 5000 + 2


def test_what_vendors_add_to_a_call_with_tools_is_held():
    assert hold(target(limit=1), facts(input_bytes=100, has_tools=True)) == 125 + TOOL_TOKENS * 5 // 4 + 2


def test_a_picture_by_its_address_is_held_at_the_most_that_a_vendor_reads_it_as():
    assert hold(target(limit=1), facts(input_bytes=100, images=2)) == 125 + 2 * MOST_IMAGE_TOKENS * 5 // 4 + 2


@given(uses=st.integers(0, 100), searches=st.integers(0, 100), read=st.integers(0, 8000), size=st.integers(0, 8000))
def test_searches_within_their_limit_never_cost_more_than_their_hold(uses, searches, read, size):
    price = replace(PRICE, web_search=10_000_000)
    where, searches = target(price=price, limit=1), min(uses, searches)
    used = Usage(size + searches * read, 0, size, 1, web_searches=searches)

    assert cost(price, used) <= hold(where, facts(input_bytes=size, fetches=uses))


def test_a_model_that_always_searches_is_held_for_a_search():
    where = replace(target(price=replace(PRICE, web_search=10_000_000), limit=1), model="gpt-4o-search-preview")

    assert hold(where, facts(input_bytes=100)) == 2 * 8000 * 5 // 4 + 2 + 10_000_000


def test_without_a_limit_on_searches_there_is_no_bound_but_an_assumption():
    endless = facts(input_bytes=100, fetches=UNBOUNDED)

    assert (is_bounded(endless), is_bounded(facts(fetches=3))) == (False, True)
    assert input_bound(target(), endless) == 8000 * (ASSUMED_FETCHES + 1)


PERIODS = st.builds(
    lambda day, standard, tiers: TariffPeriod(day * DAY_NS, (Tier("", 0, standard), *tiers)),
    st.integers(0, 4),
    PRICES,
    st.lists(TIERS, max_size=2),
)


def dated(periods):
    return Tariff(tuple(sorted(periods, key=lambda period: period.start_ns)))


@given(
    st.builds(target, price=PRICES, tariff=st.lists(PERIODS, max_size=2).map(dated)),
    st.builds(
        facts,
        input_tokens=st.integers(0, 10**6),
        input_bytes=st.integers(0, 10**7),
        max_tokens=st.integers(0, 2000),
        choices=st.integers(1, 3),
        needs=st.sampled_from([(), ("tools",), ("vision",)]),
        has_tools=st.booleans(),
        images=st.integers(0, 2),
        fetches=st.sampled_from([0, 2, UNBOUNDED]),
        day=st.integers(0, 3),
    ),
)
def test_estimates_are_what_rates_and_sizes_make(where, call):
    """Written out once more, over every kind of price list."""
    at, most, output = call.day * DAY_NS, input_bound(where, call), output_bound(where, call.max_tokens)
    planned = where.route(at, call.input_tokens)
    usual = call.input_tokens * planned.input + min(output, EXPECTED_OUTPUT_TOKENS) * call.choices * planned.output
    bounds = [
        most * (price.dearest_media if "vision" in call.needs else price.dearest_input)
        + output * call.choices * price.dearest_output
        + fetches(where, call) * (price.web_search or 0) * 1_000_000
        for price in where.hold(at, most)
    ]
    assert estimates(where, call) == (-(-usual // 1_000_000), -(-max(bounds) // 1_000_000), output)
