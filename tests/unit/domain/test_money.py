"""Money is whole nano-dollars, rounded up once, written as plain decimals."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.money import NANOS_PER_USD, ZERO, ceil_div, from_usd, to_usd, usd_text

amounts = st.integers(-(10**18), 10**18)


@given(amounts)
def test_nano_dollars_survive_the_way_to_dollars_and_back(nanos):
    assert from_usd(to_usd(nanos)) == nanos
    assert from_usd(usd_text(nanos)) == nanos


@given(amounts)
def test_text_is_a_plain_decimal_without_exponent_or_idle_zeros(nanos):
    text = usd_text(nanos)
    whole, point, part = text.partition(".")

    assert point
    assert whole.removeprefix("-").isdigit()
    assert part.isdigit()
    assert part == "0" or not part.endswith("0")
    assert Decimal(text) * NANOS_PER_USD == nanos


@given(st.decimals(min_value=0, max_value=10**6, places=12))
def test_dollars_are_rounded_up_by_less_than_a_nano_dollar(usd):
    exact = Fraction(usd) * NANOS_PER_USD

    assert 0 <= from_usd(usd) - exact < 1


@given(amounts, st.integers(1, 10**9))
def test_division_rounds_towards_plus_infinity(numerator, denominator):
    assert 0 <= ceil_div(numerator, denominator) - Fraction(numerator, denominator) < 1


@pytest.mark.parametrize(
    ("usd", "nanos"),
    [
        (0.1, 100_000_000),
        ("0.1", 100_000_000),
        (1e-9, 1),
        ("0.0000000001", 1),
        (0, ZERO),
        (3, 3_000_000_000),
        (Decimal("2.5"), 2_500_000_000),
    ],
)
def test_a_float_is_read_by_its_shortest_form(usd, nanos):
    assert from_usd(usd) == nanos


@pytest.mark.parametrize(
    ("nanos", "text"),
    [(0, "0.0"), (1, "0.000000001"), (12_345, "0.000012345"), (5 * NANOS_PER_USD, "5.0"), (10**19, "10000000000.0")],
)
def test_text_of_an_amount(nanos, text):
    assert usd_text(nanos) == text
