import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support import detecting

from gateway.sensitivity.detectors.iban import _LENGTHS, Iban, checks_out

GOOD = [
    "DE89370400440532013000",
    "GB29NWBK60161331926819",
    "FR1420041010050500013M02606",
    "NO9386011117947",
    "MT84MALT011000012345MTLCAST001S",
]
"""Examples of the ISO 13616 registry."""


def found(text: str) -> list[str]:
    return detecting.found(Iban, text)


@pytest.mark.parametrize("number", GOOD)
@pytest.mark.parametrize("text", ["{}", "IBAN: {}.", "({})", "to {} by Friday", "{}\nname"])
def test_examples_of_the_registry_are_found(number, text):
    assert found(text.format(number)) == [number]
    assert found(text.format(number.lower())) == [number.lower()]


@pytest.mark.parametrize("number", GOOD)
def test_groups_of_four_are_as_good(number):
    spaced = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    assert found(f"pay {spaced} now please") == [spaced]


@pytest.mark.parametrize(
    "text",
    [
        "账号DE89370400440532013000收款",
        "계좌 DE89370400440532013000입니다",
        "ibanDE89370400440532013000",
        "cc_DE89370400440532013000",
        "scan_DE89370400440532013000.pdf",
        "DE89370400440532013000x",
        "iban,name\nDE89370400440532013000,Ann",
    ],
)
def test_neighbours_of_another_alphabet_and_words_do_not_hide_it(text):
    assert found(text) == ["DE89370400440532013000"]


@pytest.mark.parametrize(
    "text",
    [
        "DE88370400440532013000",
        "XX89370400440532013000",
        "DE8937040044053201300",
        "DE893704004405320130001",
        "XDE89370400440532013000",
        "commit de89abc",
        "",
        "DE89 3704",
        "DE89 3704 0044",
    ],
)
def test_what_only_looks_like_one_is_none(text):
    assert found(text) == []


@pytest.mark.parametrize("sign", [" ", "-", "_", "|", ".", "\n"])
def test_groups_of_four_may_have_any_one_sign_between_them(sign):
    number = sign.join(["DE89", "3704", "0044", "0532", "0130", "00"])

    assert found(f"({number})") == [number]


@given(st.sampled_from(sorted(_LENGTHS)), st.integers(0), st.integers(4, 14), st.integers(1, 9))
def test_a_wrong_digit_is_always_noticed(country, seed, place, change):
    account = str(seed).zfill(_LENGTHS[country] - 4)[-(_LENGTHS[country] - 4) :]
    check = next(f"{n:02d}" for n in range(2, 99) if checks_out(f"{country}{n:02d}{account}"))
    number = f"{country}{check}{account}"
    assert found(number) == [number]
    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    assume(wrong != number)
    assert not checks_out(wrong)
