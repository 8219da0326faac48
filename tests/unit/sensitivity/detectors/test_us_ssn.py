import pytest
from support import detecting

from gateway.sensitivity.detectors.us_ssn import UsSsn


def found(text: str) -> list[str]:
    return detecting.found(UsSsn, text)


@pytest.mark.parametrize("text", ["219-09-9999", "219 09 9999", "(219-09-9999)", "x219-09-9999."])
def test_a_number_with_separators_is_found(text):
    assert found(text) == ["219-09-9999" if "-" in text else "219 09 9999"]


@pytest.mark.parametrize("text", ["SSN 219099999", "ssn: 219099999", "Social  Security number is 219099999"])
def test_bare_digits_count_where_a_label_says_so(text):
    assert found(text) == ["219099999"]


@pytest.mark.parametrize(
    "text",
    [
        "219099999",
        "000-12-3456",
        "666-12-3456",
        "900-12-3456",
        "219-00-9999",
        "219-09-0000",
        "219-09 9999",
        "1219-09-9999",
        "219-09-99991",
        "1-219-09-9999",
        "219-09-9999-1",
        "ssn 2190999991",
        "ssn\n219099999",
    ],
)
def test_numbers_that_were_never_issued_or_are_parts_of_others_are_none(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "text", ['{"user_ssn": "219099998"}', "ssn_number: 219099998", "name,SSN\nAnn,219099998\nBob,219099997"]
)
def test_names_of_fields_and_headers_of_columns_are_labels(text):
    assert found(text)[0] == "219099998"


def test_letters_of_another_script_beside_it_do_not_hide_it():
    assert found("社保号536-22-8714有效") == ["536-22-8714"]


@pytest.mark.parametrize(
    ("text", "number"),
    [("219-09-9999.0", "219-09-9999"), ("219_09_9999", "219_09_9999"), ("219|09|9999", "219|09|9999")],
)
def test_numbers_are_found_as_tools_write_them(text, number):
    assert found(f"see {text} please") == [number]
