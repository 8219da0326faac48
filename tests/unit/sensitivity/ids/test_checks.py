"""Check digits of identity numbers, against examples that the authorities or their encyclopaedia articles print."""

import pytest

from gateway.sensitivity.ids import checks

RIGHT = [
    (checks.spain, "12345678Z"),
    (checks.brazil_person, "529.982.247-25"),
    (checks.china, "11010519491231002X"),
    (checks.china, "110119195904118161"),
    (checks.hong_kong, "A123456(3)"),
    (checks.hong_kong, "G123456(A)"),
    (checks.hong_kong, "C3213941"),
    (checks.taiwan, "A123456789"),
    (checks.singapore, "S1234567D"),
    (checks.singapore, "M4332674T"),
    (checks.korea, "670207-4694592"),
    (checks.korea, "221201-3556858"),
    (checks.japan, "132139486009"),
    (checks.luhn_of_all, "784-1954-0227704-0"),
    (checks.russia, "112-233-445 95"),
    (checks.medicare, "3248 89420 2"),
    (checks.brazil_company, "12.ABC.345/01DE-35"),
    (checks.brazil_company, "57.662.868/0001-74"),
    (checks.italy, "RSSMRA85T10A562S"),
    (checks.france, "2 95 10 99 126 111 93"),
]


@pytest.mark.parametrize(("check", "number"), RIGHT)
def test_the_numbers_of_the_authorities_are_right(check, number):
    assert check(number)


@pytest.mark.parametrize(
    ("check", "number"), [row for row in RIGHT if row[1] not in {"221201-3556858", "RSSMRA85T10A562S", "3248 89420 2"}]
)
def test_a_wrong_digit_is_noticed(check, number):
    place = max(place for place, one in enumerate(number) if one.isdigit())
    wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]

    assert not check(wrong)


@pytest.mark.parametrize(
    ("month", "day", "right"), [("02", "29", True), ("02", "30", False), ("13", "01", False), ("01", "00", False)]
)
def test_a_date_is_a_day_of_some_year(month, day, right):
    assert checks.is_date(month, day) is right


def test_a_number_that_the_library_cannot_read_is_not_valid():
    assert not checks.library("cn.ric")("999999195904118161")


def test_all_checks_must_pass():
    assert checks.both(str.isdigit, checks.dated(0))("1130")
    assert not checks.both(str.isalpha, checks.dated(0))("1130")


@pytest.mark.parametrize(
    ("check", "library", "write"),
    [
        (checks.spain, "es.dni", lambda number: f"{number % 10**8:08d}{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[number % 26]}"),
        (
            checks.brazil_person,
            "br.cpf",
            lambda number: (
                f"{number % 10**3:03d}.{number // 7 % 10**3:03d}.{number // 11 % 10**3:03d}-{number % 97:02d}"
            ),
        ),
    ],
)
def test_our_own_check_says_what_the_library_says(check, library, write):
    numbers = [write(number * 7919 + 1234567) for number in range(20_000)]
    theirs = checks.library(library)
    assert [check(number) for number in numbers] == [theirs(number) for number in numbers]
    assert any(map(check, numbers))
