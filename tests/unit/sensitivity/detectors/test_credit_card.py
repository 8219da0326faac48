# ruff: noqa: RUF001 -- other scripts are what this is about
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import detecting

from gateway.domain.label import DataClass
from gateway.sensitivity.detectors.credit_card import CreditCard, luhn
from gateway.sensitivity.published_cards import PUBLISHED

GOOD = {
    "visa": "4539148803436467",
    "visa of 13": "4539148803433",
    "visa of 19": "4539148803436460003",
    "mastercard": "5412568492864787",
    "mastercard 2": "2223016488034367",
    "amex": "371407930719123",
    "discover": "6011649448093904",
    "diners": "30569488034362",
    "jcb": "3530914880343640",
    "unionpay": "6222029703627156813",
    "maestro": "675955201487202721",
}
"""Made-up numbers of the issuers' ranges."""
PLACES = {
    "4539148803436467.0": "4539148803436467",
    "4.539148803436467e15": "4.539148803436467e15",
    "x 4.539148803436467E+15,": "4.539148803436467E+15",
    "4539_1488_0343_6467": "4539_1488_0343_6467",
    "4539|1488|0343|6467": "4539|1488|0343|6467",
    "4539,1488,0343,6467": "4539,1488,0343,6467",
    "| 4539 | 1488 | 0343 | 6467 |": "4539 | 1488 | 0343 | 6467",
    "4539\t1488\t0343\t6467": "4539\t1488\t0343\t6467",
    "3714_079307_19123": "3714_079307_19123",
    "scan_4539148803436467.pdf": "4539148803436467",
    "pay_4539148803436467": "4539148803436467",
    "card4539148803436467": "4539148803436467",
    "4539148803436467a": "4539148803436467",
    '"seed": 4539148803436467': "4539148803436467",
    '"order_id": "4539148803436467"': "4539148803436467",
    "0004539148803436467": "4539148803436467",
    "card: >-\n  45391488\n  03436467": "45391488\n  03436467",
    "我的银行卡号是4539148803436467，请": "4539148803436467",
    "カード番号は4539148803436467です": "4539148803436467",
    "카드번호는 4539148803436467입니다": "4539148803436467",
}


def found(text: str) -> list[str]:
    return detecting.found(CreditCard, text)


@pytest.mark.parametrize("number", GOOD.values(), ids=GOOD)
def test_numbers_of_every_issuer_are_found(number):
    assert found(f"card {number}.") == [number]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4539 1488 0343 6467", "4539 1488 0343 6467"),
        ("4539-1488-0343-6467", "4539-1488-0343-6467"),
        ("3714 079307 19123", "3714 079307 19123"),
        ("order 12 4539 1488 0343 6467", "4539 1488 0343 6467"),
        ("1234 5678 9012 4539 1488 0343 6467", "4539 1488 0343 6467"),
        ("4539 1488 0343 6467 12 34", "4539 1488 0343 6467"),
        ("4 5 3 9 1 4 8 8 0 3 4 3 6 4 6 7", "4 5 3 9 1 4 8 8 0 3 4 3 6 4 6 7"),
        ("(4539148803436467)", "4539148803436467"),
        ("x=4539148803436467;", "4539148803436467"),
        ("4539148803436467.", "4539148803436467"),
    ],
)
def test_groups_and_neighbours_do_not_hide_it(text, number):
    assert found(text) == [number]


@pytest.mark.parametrize(
    "text",
    [
        "4539148803436468",
        "1234567890123456",
        "0.4539148803436467",
        "4539148803436467.5",
        "45391488034364671111111",
        "453914880343",
        "9999999999999995",
        "1111111111111117",
    ],
)
def test_what_only_looks_like_one_is_none(text):
    assert found(text) == []


@pytest.mark.parametrize(("text", "number"), PLACES.items())
def test_numbers_are_found_as_tools_and_languages_write_them(text, number):
    assert found(text) == [number]


@pytest.mark.parametrize(
    "number", ["4111 1111 1111 1111", "4242424242424242", "5555-5555-5555-4444", "378282246310005"]
)
def test_numbers_that_are_published_for_tests_are_only_likely(number):
    (hit,) = detecting.hits(CreditCard, f"pay with {number} now")

    assert not hit.sure
    assert CreditCard.likely_class is DataClass.INTERNAL


@pytest.mark.parametrize("number", sorted(PUBLISHED))
def test_what_is_published_is_a_card_number(number):
    assert luhn(number)
    assert found(f"card {number}") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "1,4539,1488,0343,6467,2",
        "4539,1488,0343,6467\n4111,2222,3333,4444\n4112,2222,3333,4444",
        "a1b4539148803436467c0ffee",
        '"id": 6011649448093904',
        '"trace": "4539148803436467"',
        "0.0004539148803436467",
        "4.539148803436467",
        "4.539148803436467e12",
        "2019, 2020, 2021, 2022",
    ],
)
def test_columns_of_numbers_hashes_and_fractions_are_none(text):
    assert found(text) == []


def test_two_are_two():
    assert found("4539 1488 0343 6467 5412 5684 9286 4787") == ["4539 1488 0343 6467", "5412 5684 9286 4787"]


@given(st.text("0123456789", min_size=12, max_size=18))
def test_one_of_ten_last_digits_is_right_and_any_wrong_digit_is_noticed(number):
    right = [digit for digit in "0123456789" if luhn(number + digit)]
    assert len(right) == 1
    whole = number + right[0]
    wrong = str((int(whole[3]) + 1) % 10)
    assert not luhn(whole[:3] + wrong + whole[4:])


@pytest.mark.parametrize(
    "text",
    [
        '"id_str": "361575897674956800"',
        '"4785541001882360.com"',
        "g=g(59885451951796,9980035577,5238489796)",
        "images/3322287/51992724-28736180-2473-11e9-9764-599cfda4b012.png",
        "4540\t\n4541\t\n4542\t\n4543\tfi",
    ],
)
def test_ids_domains_and_lists_of_long_numbers_are_no_cards(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "text", ["17,4539148803436467,4915112345678", "paid with 4539148803436467.", "card 4785541001882360.com"]
)
def test_cards_beside_other_numbers_are_found(text):
    assert len(found(text)) == 1


@pytest.mark.parametrize("card", ["6222021234567890120", "6011000990139424", "3530111333300000", "4539148803436467"])
def test_a_card_of_a_known_issuer_is_found_in_a_list_of_long_numbers_too(card):
    digits = [int(digit) for digit in card[:-1]]
    total = sum(digit if at % 2 else sum(divmod(2 * digit, 10)) for at, digit in enumerate(reversed(digits)))
    card = f"{card[:-1]}{-total % 10}"
    assert len(found(f"row: 20251231,{card},18230091")) == 1
