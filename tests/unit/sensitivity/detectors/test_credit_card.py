import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import detecting

from gateway.sensitivity.detectors.credit_card import CreditCard, luhn

GOOD = {
    "visa": "4111111111111111",
    "visa of 13": "4222222222222",
    "visa of 19": "4000000000000000006",
    "mastercard": "5555555555554444",
    "mastercard 2": "2223003122003222",
    "amex": "378282246310005",
    "discover": "6011111111111117",
    "diners": "30569309025904",
    "jcb": "3530111333300000",
    "unionpay": "6200000000000005",
}
"""Numbers that the issuers publish for tests."""


def found(text: str) -> list[str]:
    return detecting.found(CreditCard, text)


@pytest.mark.parametrize("number", GOOD.values(), ids=GOOD)
def test_the_issuers_own_test_numbers_are_found(number):
    assert found(f"card {number}.") == [number]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4111 1111 1111 1111", "4111 1111 1111 1111"),
        ("4111-1111-1111-1111", "4111-1111-1111-1111"),
        ("3782 822463 10005", "3782 822463 10005"),
        ("order 12 4111 1111 1111 1111", "4111 1111 1111 1111"),
        ("1234 5678 9012 4111 1111 1111 1111", "4111 1111 1111 1111"),
        ("4111 1111 1111 1111 12 34", "4111 1111 1111 1111"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"),
        ("(4111111111111111)", "4111111111111111"),
        ("x=4111111111111111;", "4111111111111111"),
        ("4111111111111111.", "4111111111111111"),
    ],
)
def test_groups_and_neighbours_do_not_hide_it(text, number):
    assert found(text) == [number]


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",
        "1234567890123456",
        "0.4111111111111111",
        "4111111111111111.5",
        "41111111111111111111111",
        "411111111111",
        "9999999999999995",
        "1111111111111117",
    ],
)
def test_what_only_looks_like_one_is_none(text):
    assert found(text) == []


def test_two_are_two():
    assert found("4111 1111 1111 1111 5555 5555 5555 4444") == ["4111 1111 1111 1111", "5555 5555 5555 4444"]


@given(st.text("0123456789", min_size=12, max_size=18))
def test_one_of_ten_last_digits_is_right_and_any_wrong_digit_is_noticed(number):
    right = [digit for digit in "0123456789" if luhn(number + digit)]
    assert len(right) == 1
    whole = number + right[0]
    wrong = str((int(whole[3]) + 1) % 10)
    assert not luhn(whole[:3] + wrong + whole[4:])
